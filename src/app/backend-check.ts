import type { Backend } from '../backend/index.js';
import type { Config } from '../config/index.js';
import type { Logger } from '../observe/index.js';

/** One clear line about the backend at start. Never throws: the gateway serves, and recovers when the backend comes. */
export async function checkBackend(backend: Backend, config: Config, log: Logger): Promise<void> {
  const name = config.backend.kind === 'embedded' ? 'embedded store' : config.backend.urls.join(', ');
  const timeoutMs = config.pool.connectTimeoutMs + extraMs;
  // The deadline alone ends it: how far the call came by then says what is wrong.
  const { signal } = new AbortController();
  try {
    const { version } = await backend.check({ signal, deadlineAtMs: Date.now() + timeoutMs, attempts: 0 });
    log.info(`backend reached: ${name}`, { version });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.error(`backend not usable: ${name}: ${why} (calls answer UNAVAILABLE until it is)`);
  }
}

const extraMs = 1000;
