import { type ChannelCredentials, type ClientOptions, connectivityState, type Metadata } from '@grpc/grpc-js';
import type { MessageBody } from '../wire/index.js';
import { EndpointBreaker } from './breaker.js';
import { type Attempt, Lane } from './lane.js';
import { healthMethod } from './methods.js';
import type { BreakerOptions, PoolOptions } from './options.js';
import type { BreakerState, EndpointStats } from './types.js';

export interface EndpointSetup {
  readonly address: string;
  readonly tls: boolean;
  readonly credentials: ChannelCredentials;
  readonly metadata: Metadata;
  readonly pool: PoolOptions;
  readonly breaker: BreakerOptions;
  /** A channel became ready, or failed, or the circuit changed: who waits may look again. */
  readonly onChange: () => void;
  readonly onBreaker: (state: BreakerState) => void;
}

/** One node: its channels and its circuit breaker. */
export class Endpoint {
  readonly address: string;
  readonly tls: boolean;
  readonly breaker: EndpointBreaker;
  readonly #setup: EndpointSetup;
  readonly #rotation: NodeJS.Timeout;
  #lanes: Lane[];
  /** Connects before it takes the place of the oldest channel. */
  #successor: Lane | undefined;
  /** Closed to new calls; those on them go on. */
  #leaving: Lane[] = [];

  constructor(setup: EndpointSetup) {
    this.#setup = setup;
    this.address = setup.address;
    this.tls = setup.tls;
    this.#lanes = this.#makeLanes();
    this.breaker = new EndpointBreaker({
      ...setup.breaker,
      probe: () => this.#answersHealthCheck(),
      onChange: (state) => this.#onBreaker(state),
    });
    const everyMs = Math.min(maxRotationCheckMs, Math.ceil(setup.pool.maxChannelAgeMs / 10));
    this.#rotation = setInterval(() => this.#rotate(), everyMs);
    this.#rotation.unref();
    this.warm();
  }

  /** The ready channel with the fewest calls, if one has room. */
  leastBusy(): Lane | undefined {
    let best: Lane | undefined;
    for (const lane of this.#lanes) {
      if (lane.inFlight >= this.#setup.pool.maxInFlight || !lane.isReady) continue;
      if (best === undefined || lane.inFlight < best.inFlight) best = lane;
    }
    return best;
  }

  get hasReadyLane(): boolean {
    return this.#lanes.some((lane) => lane.isReady);
  }

  /** Every channel tried to connect and could not. */
  get isRefused(): boolean {
    return this.#lanes.every((lane) => lane.state === connectivityState.TRANSIENT_FAILURE);
  }

  warm(): void {
    for (const lane of this.#lanes) lane.warm();
  }

  stats(): EndpointStats {
    return {
      breaker: this.breaker.state,
      channels: this.#lanes.length,
      readyChannels: this.#lanes.filter((lane) => lane.isReady).length,
      inFlight: [...this.#lanes, ...this.#leaving].reduce((sum, lane) => sum + lane.inFlight, 0),
    };
  }

  /** Asks for the node's health; see ask(). */
  healthCheck(attempt: Attempt): Promise<Buffer> {
    return this.ask(healthMethod, empty, attempt);
  }

  /** A call of our own, on a channel that is ready, or else by connecting. Rejects with AttemptError. */
  async ask(
    method: string,
    request: MessageBody,
    attempt: Attempt,
    metadata = this.#setup.metadata,
  ): Promise<Buffer> {
    const lane = this.#lanes.find((each) => each.isReady) ?? this.#lanes[0];
    if (lane === undefined) throw new RangeError('an endpoint has at least one channel');
    return lane.unary(method, request, metadata, attempt);
  }

  close(): void {
    clearInterval(this.#rotation);
    this.breaker.close();
    this.#successor?.close('cut calls off');
    for (const lane of [...this.#lanes, ...this.#leaving]) lane.close('cut calls off');
  }

  #makeLanes(): Lane[] {
    return Array.from({ length: this.#setup.pool.channelsPerNode }, () => this.#makeLane());
  }

  #makeLane(): Lane {
    const { address, credentials, pool } = this.#setup;
    const options: ClientOptions = {
      'grpc.keepalive_time_ms': pool.keepaliveTimeMs ?? 10_000,
      'grpc.keepalive_timeout_ms': pool.keepaliveTimeoutMs ?? 5_000,
    };
    return new Lane(address, credentials, options, (lane) => this.#onLane(lane));
  }

  #onLane(lane: Lane): void {
    // A connection that ended in good order is idle: the next call shall not wait for a new one.
    if (lane.state === connectivityState.IDLE && this.breaker.isClosed) lane.warm();
    if (lane === this.#successor && lane.isReady) this.#succeed(lane);
    this.#setup.onChange();
  }

  #onBreaker(state: BreakerState): void {
    // No connection of the time before is trusted again, and none is tried while the circuit is open.
    if (state === 'open') {
      this.#retire(...this.#lanes);
      this.#lanes = this.#makeLanes();
      this.#successor?.close('cut calls off');
      this.#successor = undefined;
    }
    if (state === 'closed') this.warm();
    this.#setup.onBreaker(state);
    this.#setup.onChange();
  }

  async #answersHealthCheck(): Promise<boolean> {
    const { probeTimeoutMs } = this.#setup.breaker;
    const signal = AbortSignal.timeout(probeTimeoutMs);
    try {
      await this.healthCheck({ signal, deadlineAtMs: Date.now() + probeTimeoutMs });
      return true;
    } catch {
      return false;
    }
  }

  // A connection lives for a limited time, so that a changed address or a new node behind it is found. The old one
  // serves until the new one is ready, one after the other.
  #rotate(): void {
    if (this.#successor !== undefined || !this.breaker.isClosed) return;
    if (this.#oldest() === undefined) return;
    this.#successor = this.#makeLane();
    this.#successor.warm();
  }

  #succeed(successor: Lane): void {
    const oldest = this.#oldest();
    this.#successor = undefined;
    const leaving = oldest ?? successor;
    this.#lanes = this.#lanes.map((lane) => (lane === oldest ? successor : lane));
    this.#retire(leaving);
  }

  #retire(...lanes: readonly Lane[]): void {
    for (const lane of lanes) lane.close('let calls end');
    this.#leaving = [...this.#leaving, ...lanes].filter(({ inFlight }) => inFlight > 0);
  }

  #oldest(): Lane | undefined {
    const bornBeforeMs = Date.now() - this.#setup.pool.maxChannelAgeMs;
    return this.#lanes.find((lane) => lane.createdAtMs < bornBeforeMs);
  }
}

const empty = Buffer.alloc(0);
const maxRotationCheckMs = 60_000;
