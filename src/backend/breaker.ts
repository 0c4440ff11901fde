import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import type { BreakerOptions } from './options.js';
import type { BreakerState } from './types.js';

/** What a finished attempt says about the endpoint. An attempt that says nothing is not reported at all. */
export type Verdict = 'success' | 'failure';

export interface EndpointBreakerOptions extends BreakerOptions {
  /** Asks the endpoint for its health, within probeTimeoutMs; resolves to whether it answered. */
  readonly probe: () => Promise<boolean>;
  readonly onChange: (state: BreakerState) => void;
}

/**
 * The circuit breaker of one endpoint: opossum counts and keeps the state. It hears of results only when they are
 * known, so a cancelled call is no success, one that hangs blocks nothing, and one that began before the circuit
 * opened cannot close it. In the half-open state only our own probe decides; callers wait outside.
 */
export class EndpointBreaker {
  readonly #circuit: CircuitBreaker<[Verdict], void>;
  readonly #options: EndpointBreakerOptions;
  /** Tells opossum when a part of its window is over. */
  readonly #parts = new EventEmitter();
  readonly #partTimer: NodeJS.Timeout;
  #openedAtMs = 0;
  #isClosed = true;
  #epoch = 0;
  #suspects = 0;
  #isChecking = false;

  constructor(options: EndpointBreakerOptions) {
    this.#options = options;
    this.#circuit = new CircuitBreaker(settle, {
      timeout: false,
      // opossum opens above the share, the option says from it on.
      errorThresholdPercentage: options.failurePercent - 0.01,
      volumeThreshold: options.minCalls,
      rollingCountTimeout: options.windowMs,
      rollingCountBuckets: partsOfWindow,
      rotateBucketController: this.#parts,
      resetTimeout: options.openMs,
      // Nobody reads them, and each failure would sort the durations of all calls in the window.
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
    this.#partTimer = setInterval(
      () => this.#parts.emit('rotate'),
      Math.ceil(options.windowMs / partsOfWindow),
    );
    this.#partTimer.unref();
    this.#circuit.on('open', () => {
      this.#isClosed = false;
      this.#epoch += 1;
      this.#suspects = 0;
      this.#openedAtMs = Date.now();
      options.onChange('open');
    });
    this.#circuit.on('halfOpen', () => {
      options.onChange('half_open');
      void this.#probe();
    });
    this.#circuit.on('close', () => {
      // What failed before the circuit opened is past: it is not counted together with what comes.
      for (let part = 0; part < partsOfWindow; part += 1) this.#parts.emit('rotate');
      this.#isClosed = true;
      options.onChange('closed');
    });
  }

  /** Whether callers may use the endpoint. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** ms until the endpoint is asked again; 0 when closed. */
  get retryDelayMs(): number {
    if (this.#isClosed) return 0;
    return Math.max(1, this.#openedAtMs + this.#options.openMs - Date.now());
  }

  get state(): BreakerState {
    if (this.#isClosed) return 'closed';
    return this.#circuit.halfOpen ? 'half_open' : 'open';
  }

  /** Counts the times that the circuit opened: a call keeps the number of when it began, and reports with it. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Reports a call of a caller. A result of a call that began before the circuit last opened says nothing of now. */
  record(verdict: Verdict, epoch: number): void {
    if (this.#isClosed && epoch === this.#epoch) this.#fire(verdict);
  }

  /**
   * Reports a call that got no answer in its time. That may be the call's fault (a deadline of 1 ms), so our own
   * health check decides; each call that timed out until its answer counts with it.
   */
  suspect(epoch: number): void {
    if (!this.#isClosed || epoch !== this.#epoch) return;
    this.#suspects = Math.min(this.#suspects + 1, maxSuspects);
    if (!this.#isChecking) void this.#check();
  }

  close(): void {
    clearInterval(this.#partTimer);
    this.#circuit.shutdown();
    this.#circuit.removeAllListeners();
  }

  async #check(): Promise<void> {
    const epoch = this.#epoch;
    this.#isChecking = true;
    const isHealthy = await this.#options.probe();
    this.#isChecking = false;
    const failed = this.#suspects;
    this.#suspects = 0;
    if (isHealthy) return;
    for (let count = 0; count < failed; count += 1) this.record('failure', epoch);
  }

  async #probe(): Promise<void> {
    const isHealthy = await this.#options.probe();
    if (this.#circuit.halfOpen) this.#fire(isHealthy ? 'success' : 'failure');
  }

  #fire(verdict: Verdict): void {
    this.#circuit.fire(verdict).catch(ignored);
  }
}

async function settle(verdict: Verdict): Promise<void> {
  if (verdict === 'failure') throw new Error('the endpoint failed');
}

// opossum rejects with the failure that it was just told, or because it is open.
const ignored = (): void => undefined;
const maxSuspects = 1_000;
const partsOfWindow = 10;
