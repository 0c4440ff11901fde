import type { BreakerState } from '../../../src/backend/index.js';

/** Every time in the model is a multiple of it. */
export const tickMs = 25;

export const limits = {
  windowMs: 1_000,
  minCalls: 4,
  failurePercent: 50,
  openMs: 300,
  probeTimeoutMs: 150,
};

const parts = 10;
const partMs = limits.windowMs / parts;

interface ModelProbe {
  readonly why: 'suspect' | 'half_open';
  readonly epoch: number;
  readonly dueAtMs: number;
}

/** What a circuit breaker promises, in plain arithmetic. The window moves on by a tenth of itself at a time. */
export class BreakerModel {
  state: BreakerState = 'closed';
  epoch = 0;
  readonly changes: BreakerState[] = [];
  /** Asked, and not answered yet; the oldest first. */
  probes: ModelProbe[] = [];
  #nowMs = 0;
  #openedAtMs = 0;
  #suspects = 0;
  #window = emptyWindow();

  record(verdict: 'success' | 'failure', epoch: number, times = 1): void {
    const [newest] = this.#window;
    // Who began before the circuit last opened tells of another time.
    if (this.state !== 'closed' || epoch !== this.epoch || newest === undefined) return;
    newest.calls += times;
    if (verdict === 'success') return;
    newest.failures += times;
    const calls = this.#window.reduce((sum, part) => sum + part.calls, 0);
    const failures = this.#window.reduce((sum, part) => sum + part.failures, 0);
    if (calls >= limits.minCalls && failures * 100 >= calls * limits.failurePercent) this.#open();
  }

  suspect(epoch: number): void {
    if (this.state !== 'closed' || epoch !== this.epoch) return;
    this.#suspects += 1;
    if (!this.probes.some(({ why }) => why === 'suspect')) this.#ask('suspect');
  }

  /** The oldest probe is answered. */
  answer(isHealthy: boolean): void {
    const [probe, ...others] = this.probes;
    if (probe === undefined) return;
    this.probes = others;
    if (probe.why === 'suspect') {
      const suspects = this.#suspects;
      this.#suspects = 0;
      if (!isHealthy && suspects > 0) this.record('failure', probe.epoch, suspects);
    } else if (isHealthy) {
      this.#change('closed');
      this.#window = emptyWindow();
    } else this.#open();
  }

  tick(): void {
    this.#nowMs += tickMs;
    if (this.#nowMs % partMs === 0) this.#window = [{ calls: 0, failures: 0 }, ...this.#window.slice(0, -1)];
    if (this.state === 'open' && this.#nowMs === this.#openedAtMs + limits.openMs) {
      this.#change('half_open');
      this.#ask('half_open');
    }
    while (this.probes[0]?.dueAtMs === this.#nowMs) this.answer(false);
  }

  #open(): void {
    this.epoch += 1;
    this.#suspects = 0;
    this.#openedAtMs = this.#nowMs;
    this.#change('open');
  }

  #ask(why: ModelProbe['why']): void {
    this.probes = [...this.probes, { why, epoch: this.epoch, dueAtMs: this.#nowMs + limits.probeTimeoutMs }];
  }

  #change(state: BreakerState): void {
    this.state = state;
    this.changes.push(state);
  }
}

function emptyWindow(): { calls: number; failures: number }[] {
  return Array.from({ length: parts }, () => ({ calls: 0, failures: 0 }));
}
