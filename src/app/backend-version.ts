import type { Backend } from '../backend/index.js';
import { GatewayError } from '../errors/index.js';

/** The backend's version, asked for at most once in a while however many callers want to know. */
export function backendVersion(backend: Pick<Backend, 'check'>, timeoutMs: number): () => Promise<string> {
  let asked: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const { signal } = new AbortController();
    try {
      const { version } = await backend.check({ signal, deadlineAtMs: Date.now() + timeoutMs, attempts: 0 });
      return version;
    } catch (cause) {
      // The reasons of this check are for the operator's log.
      throw new GatewayError('BACKEND_UNAVAILABLE', 'the backend cannot be reached; retry later', { cause });
    }
  };
  return () => {
    if (asked === undefined) {
      asked = ask();
      const forget = (): void => {
        asked = undefined;
      };
      asked.then(
        () => setTimeout(forget, knownForMs).unref(),
        () => setTimeout(forget, failedForMs).unref(),
      );
    }
    return asked;
  };
}

const knownForMs = 10_000;
const failedForMs = 1_000;
