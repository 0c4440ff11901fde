import { AttemptError } from '../../../src/backend/failure.js';
import { Pool, type Slot } from '../../../src/backend/pool.js';
import { GatewayError } from '../../../src/errors/index.js';

export const limits = { maxInFlight: 2, maxQueue: 4, connectTimeoutMs: 500 };

export class FakeLane {
  isReady = false;
  inFlight = 0;

  take(): void {
    this.inFlight += 1;
  }

  free(): void {
    this.inFlight -= 1;
  }
}

/** A node with two channels, whose state a test sets. */
export class FakeEndpoint {
  readonly lanes = [new FakeLane(), new FakeLane()] as const;
  readonly breaker = {
    isClosed: true,
    retryDelayMs: 100,
    epoch: 0,
    record: (): void => undefined,
    suspect: (): void => undefined,
  };
  isRefused = false;

  get hasReadyLane(): boolean {
    return this.lanes.some(({ isReady }) => isReady);
  }

  leastBusy(): FakeLane | undefined {
    const free = this.lanes.filter(({ isReady, inFlight }) => isReady && inFlight < limits.maxInFlight);
    return free.sort((a, b) => a.inFlight - b.inFlight)[0];
  }

  warm(): void {}
}

type FakeSlot = Slot<FakeLane, FakeEndpoint>;

/** One call that asked for a place. */
export interface Asked {
  readonly number: number;
  readonly askedAtMs: number;
  readonly deadlineAtMs: number;
  readonly abort: () => void;
  state: 'waiting' | 'granted' | 'released' | 'refused';
  slot: FakeSlot | undefined;
  /** When the state last changed. */
  atMs: number;
  why: string | undefined;
  /** What was wrong with the place when it was given. */
  fault: string | undefined;
}

export class Ground {
  readonly endpoints = [new FakeEndpoint(), new FakeEndpoint()] as const;
  readonly pool = new Pool<FakeLane, FakeEndpoint>(this.endpoints, limits);
  readonly asked: Asked[] = [];

  acquire(timeoutMs: number, avoid: FakeEndpoint | undefined): void {
    const controller = new AbortController();
    const nowMs = Date.now();
    const asked: Asked = {
      number: this.asked.length,
      askedAtMs: nowMs,
      deadlineAtMs: nowMs + timeoutMs,
      abort: () => controller.abort(new GatewayError('CANCELLED', 'cancelled')),
      state: 'waiting',
      slot: undefined,
      atMs: nowMs,
      why: undefined,
      fault: undefined,
    };
    this.asked.push(asked);
    this.pool.acquire({ signal: controller.signal, deadlineAtMs: asked.deadlineAtMs }, avoid).then(
      (slot) => {
        Object.assign(asked, { state: 'granted', slot, atMs: Date.now(), fault: faultOf(slot) });
      },
      (error: unknown) => {
        Object.assign(asked, { state: 'refused', atMs: Date.now(), why: whyOf(error) });
      },
    );
  }

  release(asked: Asked): void {
    asked.state = 'released';
    asked.slot?.release();
    // Once more does nothing.
    asked.slot?.release();
  }

  in(state: Asked['state']): Asked[] {
    return this.asked.filter((each) => each.state === state);
  }

  get lanes(): FakeLane[] {
    return this.endpoints.flatMap(({ lanes }) => [...lanes]);
  }
}

function faultOf({ lane, endpoint }: FakeSlot): string | undefined {
  if (!lane.isReady) return 'the channel is not ready';
  if (!endpoint.breaker.isClosed) return 'the circuit is open';
  return endpoint.lanes.includes(lane) ? undefined : "the channel is another node's";
}

function whyOf(error: unknown): string {
  if (error instanceof AttemptError) return error.failure.kind;
  if (error instanceof GatewayError) return error.reason;
  return `neither AttemptError nor GatewayError: ${error}`;
}
