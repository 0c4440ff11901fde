import { Code, GatewayError } from '../errors/index.js';
import type { Admission } from './authorizer.js';

/** A call that was let in and has not ended. */
export interface OpenCall {
  admission: Omit<Admission, 'scope'>;
  /** Judges it by what holds now; rejects with the typed error of what does not any more. */
  readonly judge: () => Promise<Omit<Admission, 'scope'>>;
  /** Ends it with an error, behind what its caller has not read yet. */
  end: (error: GatewayError) => void;
  /** Ends it at once, for one that does not read. */
  readonly cutOff: (error: GatewayError) => void;
}

/**
 * Ends calls whose credential has expired, was revoked, or allows less than it did. All are looked at once a second; one
 * costs something only when it expires or the credentials have changed.
 */
export class OpenCalls {
  readonly #calls = new Set<OpenCall>();
  readonly #revision: () => number | undefined;
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  constructor(revision: () => number | undefined) {
    this.#revision = revision;
    this.#timer = setInterval(() => void this.#look(), everyMs);
    this.#timer.unref();
  }

  add(call: OpenCall): void {
    this.#calls.add(call);
  }

  delete(call: OpenCall): void {
    this.#calls.delete(call);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      // One after the other: a change of keys must not verify the tokens of all streams at a time.
      for (const call of [...this.#calls]) if (this.#isDoubtful(call)) await this.#judge(call);
    } finally {
      this.#isLooking = false;
    }
  }

  #isDoubtful({ admission }: OpenCall): boolean {
    return admission.principal.expiresAtMs <= Date.now() || admission.revision !== this.#revision();
  }

  async #judge(call: OpenCall): Promise<void> {
    try {
      call.admission = await call.judge();
    } catch (error) {
      // Keys that cannot be fetched, say, are no reason: the call is judged again at the next look.
      if (!(error instanceof GatewayError) || !isRefusal(error)) return;
      const told = new GatewayError(error.reason, `the call was ended: ${error.message}`);
      call.end(told);
      setTimeout(() => this.#calls.has(call) && call.cutOff(told), maxEndMs).unref();
    }
  }
}

function isRefusal({ code }: GatewayError): boolean {
  return code === Code.UNAUTHENTICATED || code === Code.PERMISSION_DENIED;
}

const everyMs = 1_000;
// A little more than a stream takes for its writes in flight.
const maxEndMs = 2_500;
