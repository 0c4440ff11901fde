import type { Backend } from '../backend/index.js';
import type { Config } from '../config/index.js';
import type { EmbeddedStore } from '../embedded/index.js';
import type { Logger, MetricsServer } from '../observe/index.js';
import type { Transport } from '../transport/index.js';
import type { OpenedIdentity } from './identity.js';

/** A running gateway. */
export interface Gateway {
  /** "host:port" as bound. */
  readonly address: string;
  /** For people: "embedded store", or the URLs of Qdrant without secrets. */
  readonly backend: string;
  readonly dataDir: string | undefined;
  /** How callers prove who they are, for people; empty: they need not. */
  readonly identity: readonly string[];
  /** "host:port" of the metrics, where they are served. */
  readonly metricsAddress: string | undefined;
  /** Finishes what runs and stops; ends within the configured grace time. The second call has no effect. */
  drain(signal: string): Promise<void>;
  /** Cuts off what runs. */
  forceStop(): void;
  /** Resolves when everything is closed. */
  readonly closed: Promise<void>;
}

/** Where in its life the gateway is; /healthz shows it. */
export interface Life {
  phase: 'starting' | 'serving' | 'draining';
}

/** What was opened, in the order of opening. */
export interface Opened {
  readonly config: Config;
  readonly log: Logger;
  readonly life: Life;
  readonly identity: OpenedIdentity;
  readonly store: EmbeddedStore | undefined;
  readonly backend: Backend;
  readonly metricsServer: MetricsServer | undefined;
  readonly transport: Transport;
}

/** The gateway over its opened parts. */
export function createGateway(opened: Opened): Gateway {
  const { config, log, life, transport } = opened;
  life.phase = 'serving';
  let markClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    markClosed = resolve;
  });
  let draining: Promise<void> | undefined;
  const drain = async (signal: string): Promise<void> => {
    life.phase = 'draining';
    log.info('draining', { signal, graceMs: config.shutdownGraceMs });
    const clean = await transport.drain(config.shutdownGraceMs);
    await closeBehind(opened);
    log.info('stopped', { signal, clean });
    markClosed();
  };
  return {
    address: transport.address,
    backend: config.backend.kind === 'embedded' ? 'embedded store' : config.backend.urls.join(', '),
    dataDir: config.backend.kind === 'embedded' ? config.backend.dataDir : undefined,
    identity: opened.identity.kinds,
    metricsAddress: opened.metricsServer?.address,
    drain: (signal) => {
      draining ??= drain(signal);
      return draining;
    },
    forceStop: () => {
      transport.forceStop();
      markClosed();
    },
    closed,
  };
}

/** Closes what stands behind the transport; one part that fails to close does not keep the next open. */
export async function closeBehind(
  opened: Pick<Opened, 'log' | 'identity' | 'store' | 'metricsServer'> & {
    readonly backend: Backend | undefined;
  },
): Promise<void> {
  for (const part of [opened.metricsServer, opened.backend, opened.store, opened.identity]) {
    try {
      await part?.close();
    } catch (error) {
      opened.log.warn('a part did not close cleanly', { err: error });
    }
  }
}
