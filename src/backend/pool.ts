import { GatewayError } from '../errors/index.js';
import { AttemptError, abortedError } from './failure.js';
import type { Attempt } from './lane.js';

/** What the pool needs of a channel. */
export interface PoolLane {
  readonly inFlight: number;
  take(): void;
  free(): void;
}

/** What the pool needs of a node. */
export interface PoolEndpoint<L extends PoolLane> {
  readonly hasReadyLane: boolean;
  readonly isRefused: boolean;
  readonly breaker: {
    readonly isClosed: boolean;
    readonly retryDelayMs: number;
    readonly epoch: number;
    record(verdict: 'failure', epoch: number): void;
    suspect(epoch: number): void;
  };
  leastBusy(): L | undefined;
  warm(): void;
}

/** A place on a channel. `release` gives it back, once. */
export interface Slot<L extends PoolLane, E extends PoolEndpoint<L>> {
  readonly endpoint: E;
  readonly lane: L;
  /** The breaker's epoch when the place was given. */
  readonly epoch: number;
  release(): void;
}

export interface PoolLimits {
  readonly connectTimeoutMs: number;
  readonly maxQueue: number;
}

interface Waiter<S> {
  readonly grant: (slot: S) => void;
  readonly refuse: (error: Error) => void;
}

/** Hands out places on ready channels, the least busy first; who finds none waits in a bounded queue, in order. */
export class Pool<L extends PoolLane, E extends PoolEndpoint<L>> {
  readonly #endpoints: readonly E[];
  readonly #limits: PoolLimits;
  // A Set keeps the order of arrival, and a waiter in the middle leaves at no cost.
  readonly #waiters = new Set<Waiter<Slot<L, E>>>();
  #closed = false;

  constructor(endpoints: readonly E[], limits: PoolLimits) {
    this.#endpoints = endpoints;
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Waits for a place, on another node than `avoid` where there is one. Rejects with GatewayError CIRCUIT_OPEN,
   * OVERLOADED (the queue is full) or SHUTTING_DOWN, or with AttemptError when no channel gets ready or time is up.
   */
  acquire(attempt: Attempt, avoid?: E): Promise<Slot<L, E>> {
    if (attempt.signal.aborted) return Promise.reject(abortedError(attempt.signal, false));
    // Who came first goes first.
    const slot = this.#waiters.size === 0 ? this.#pick(avoid) : undefined;
    if (slot !== undefined) return Promise.resolve(slot);
    const hopeless = this.#hopeless();
    if (hopeless !== undefined) return Promise.reject(hopeless);
    if (this.#waiters.size >= this.#limits.maxQueue) {
      return Promise.reject(
        new GatewayError('OVERLOADED', 'too many calls wait for the backend; retry later', {
          retryDelayMs: 1_000,
        }),
      );
    }
    for (const endpoint of this.#usable()) endpoint.warm();
    return this.#wait(attempt);
  }

  /** Something changed: a place was freed, a channel is ready or lost, a circuit opened or closed. */
  refresh(): void {
    for (const waiter of this.#waiters) {
      const slot = this.#pick();
      if (slot === undefined) break;
      waiter.grant(slot);
    }
    if (this.#waiters.size === 0) return;
    const waiters = [...this.#waiters];
    for (const waiter of waiters) {
      const hopeless = this.#hopeless();
      if (hopeless === undefined) return;
      waiter.refuse(hopeless);
    }
  }

  /** Who waits is refused, and so is who comes. */
  close(): void {
    this.#closed = true;
    this.refresh();
  }

  #usable(): readonly E[] {
    return this.#endpoints.filter(({ breaker }) => breaker.isClosed);
  }

  #pick(avoid?: E): Slot<L, E> | undefined {
    if (this.#closed) return undefined;
    let found: { endpoint: E; lane: L } | undefined;
    for (const endpoint of this.#usable()) {
      if (endpoint === avoid && found !== undefined) continue;
      const lane = endpoint.leastBusy();
      if (lane === undefined) continue;
      if (found === undefined || found.endpoint === avoid || lane.inFlight < found.lane.inFlight) {
        found = { endpoint, lane };
      }
    }
    return found && this.#reserve(found.endpoint, found.lane);
  }

  #reserve(endpoint: E, lane: L): Slot<L, E> {
    lane.take();
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      lane.free();
      this.refresh();
    };
    return { endpoint, lane, epoch: endpoint.breaker.epoch, release };
  }

  /** Why waiting makes no sense; undefined when a place may come. */
  #hopeless(): Error | undefined {
    if (this.#closed) return new GatewayError('SHUTTING_DOWN', 'the gateway is shutting down');
    const usable = this.#usable();
    if (usable.length === 0) {
      const delays = this.#endpoints.map(({ breaker }) => breaker.retryDelayMs);
      return new GatewayError('CIRCUIT_OPEN', 'the backend has failed too often lately; retry later', {
        retryDelayMs: Math.min(...delays),
      });
    }
    return usable.every(({ isRefused }) => isRefused)
      ? this.#noConnection('it cannot be reached')
      : undefined;
  }

  /** A call found no connection: that is a failure of each node that it could have gone to. */
  #noConnection(text: string): AttemptError {
    for (const endpoint of this.#usable()) {
      if (!endpoint.hasReadyLane) endpoint.breaker.record('failure', endpoint.breaker.epoch);
    }
    return new AttemptError({ kind: 'transport', code: unavailable, text, sent: false });
  }

  /** A call had no time to wait for a connection. That may be the call's fault, or the node's. */
  #suspectUnconnected(): void {
    for (const { hasReadyLane, breaker } of this.#usable()) {
      if (!hasReadyLane) breaker.suspect(breaker.epoch);
    }
  }

  #wait(attempt: Attempt): Promise<Slot<L, E>> {
    const { connectTimeoutMs } = this.#limits;
    const connectByMs = Date.now() + connectTimeoutMs;
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        attempt.signal.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter<Slot<L, E>> = {
        grant: (slot) => {
          leave();
          resolve(slot);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const giveUp = (error: AttemptError): void => {
        if (error.failure.kind === 'timeout') this.#suspectUnconnected();
        waiter.refuse(error);
      };
      const onAbort = (): void => giveUp(abortedError(attempt.signal, false));
      const onTime = (): void => {
        // Ready but full is no fault of the connection: then only the deadline ends the wait.
        const isFull = this.#usable().some(({ hasReadyLane }) => hasReadyLane);
        const nowMs = Date.now();
        if (nowMs >= attempt.deadlineAtMs)
          giveUp(new AttemptError({ kind: 'timeout', sent: false, text: 'no place' }));
        // A timer may be a little early.
        else if (isFull || nowMs < connectByMs) setTimer();
        else waiter.refuse(this.#noConnection(`no connection within ${connectTimeoutMs} ms`));
      };
      const setTimer = (): void => {
        const nowMs = Date.now();
        const lookAtMs = nowMs < connectByMs ? connectByMs : nowMs + connectTimeoutMs;
        timer = setTimeout(onTime, Math.max(0, Math.min(lookAtMs, attempt.deadlineAtMs) - nowMs));
      };
      setTimer();
      attempt.signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }
}

const unavailable = 14;
