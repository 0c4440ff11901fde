import { type ChannelCredentials, type ClientOptions, connectivityState, type Metadata } from '@grpc/grpc-js';
import { EndpointBreaker } from './breaker.js';
import { Lane } from './lane.js';
import { healthMethod } from './methods.js';
import type { BreakerOptions, PoolOptions } from './options.js';
import type { BreakerState, EndpointStats } from './types.js';

export interface EndpointSetup {
  readonly address: string;
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
  readonly breaker: EndpointBreaker;
  readonly #setup: EndpointSetup;
  readonly #rotation: NodeJS.Timeout;
  #lanes: Lane[];

  constructor(setup: EndpointSetup) {
    this.#setup = setup;
    this.address = setup.address;
    this.#lanes = this.#makeLanes();
    this.breaker = new EndpointBreaker({
      ...setup.breaker,
      probe: () => this.#answersHealthCheck(),
      onChange: (state) => this.#onBreaker(state),
    });
    this.#rotation = setInterval(
      () => this.#rotate(),
      Math.min(60_000, Math.max(1_000, setup.pool.maxChannelAgeMs / 10)),
    );
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
      inFlight: this.#lanes.reduce((sum, lane) => sum + lane.inFlight, 0),
    };
  }

  /** A channel for calls of our own about the endpoint, ready or not. */
  anyLane(): Lane | undefined {
    return this.#lanes.find((lane) => lane.isReady) ?? this.#lanes[0];
  }

  close(): void {
    clearInterval(this.#rotation);
    this.breaker.close();
    for (const lane of this.#lanes) lane.close();
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
    return new Lane(address, credentials, options, (lane) => {
      // A connection that ended in good order is idle: the next call shall not wait for a new one.
      if (lane.state === connectivityState.IDLE && this.breaker.isClosed) lane.warm();
      this.#setup.onChange();
    });
  }

  #onBreaker(state: BreakerState): void {
    // No connection of the time before is trusted again, and none is tried while the circuit is open.
    if (state === 'open') {
      for (const lane of this.#lanes) lane.close();
      this.#lanes = this.#makeLanes();
    }
    if (state === 'closed') this.warm();
    this.#setup.onBreaker(state);
    this.#setup.onChange();
  }

  async #answersHealthCheck(): Promise<boolean> {
    const { probeTimeoutMs } = this.#setup.breaker;
    const signal = AbortSignal.timeout(probeTimeoutMs);
    const deadlineAtMs = Date.now() + probeTimeoutMs;
    try {
      await this.anyLane()?.unary(healthMethod, empty, this.#setup.metadata, { signal, deadlineAtMs });
      return true;
    } catch {
      return false;
    }
  }

  // A connection lives for a limited time, so that a changed address or a new node behind it is found. The old one
  // serves until the new one is ready.
  #rotate(): void {
    const old = this.#lanes.find((lane) => Date.now() - lane.createdAtMs > this.#setup.pool.maxChannelAgeMs);
    if (old === undefined || !this.breaker.isClosed) return;
    const { address, credentials } = this.#setup;
    void address;
    void credentials;
    const fresh = this.#makeLane();
    this.#lanes = this.#lanes.map((lane) => (lane === old ? fresh : lane));
    fresh.warm();
    old.close();
  }
}

const empty = Buffer.alloc(0);
