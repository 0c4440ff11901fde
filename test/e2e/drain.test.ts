import { credentials, type ServiceError } from '@grpc/grpc-js';
import { GatewayError } from '../../src/errors/index.js';
import {
  HealthClient,
  HealthCheckResponse_ServingStatus as Serving,
} from '../../src/gen/grpc/health/v1/health.js';
import { startBareTransport } from '../support/bare-transport.js';
import { asTenant, connectClients, readTypedError } from '../support/clients.js';

/** A promise that the test settles. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function abortOf(signal: AbortSignal): Promise<never> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  throw signal.reason;
}

describe('drain', () => {
  it('lets unary calls finish, ends streams with a reason, and does not wait for health watchers', async () => {
    const release = gate();
    const started = [gate(), gate()] as const;
    const transport = await startBareTransport({
      onUnary: async () => {
        started[0].open();
        await release.opened;
        return new Uint8Array();
      },
      onStream: (_scope, _call, { signal }) => {
        started[1].open();
        return abortOf(signal);
      },
    });
    const clients = connectClients(transport.address);
    const health = new HealthClient(transport.address, credentials.createInsecure());
    const statuses: Serving[] = [];
    const watch = health.watch({ service: '' });
    watch.on('data', ({ status }) => statuses.push(status));
    watch.on('error', () => undefined);
    const unary = new Promise<ServiceError | null>((resolve) => {
      clients.points.countPoints({ collection: 'docs', filter: undefined }, asTenant('42'), (error) =>
        resolve(error),
      );
    });
    const streamed = new Promise<ServiceError | null>((resolve) => {
      clients.points.streamUpsertPoints(asTenant('42'), (error) => resolve(error));
    });
    await Promise.all(started.map(({ opened }) => opened));

    const drained = transport.drain(5000);
    const streamError = await streamed;
    expect(streamError?.code).toBe(14);
    expect(streamError && readTypedError(streamError.metadata)?.reason).toBe('SHUTTING_DOWN');
    release.open();
    expect(await unary).toBeNull();
    expect(await drained).toBe(true);
    expect(statuses).toEqual([Serving.SERVING, Serving.NOT_SERVING]);
    clients.close();
    health.close();
  });

  it('ends a unary call that does not finish, with a reason and within the grace time', async () => {
    const started = gate();
    const transport = await startBareTransport({
      onUnary: (_request, signal) => {
        started.open();
        return abortOf(signal);
      },
    });
    const clients = connectClients(transport.address);
    const unary = new Promise<ServiceError | null>((resolve) => {
      clients.points.countPoints({ collection: 'docs', filter: undefined }, asTenant('42'), (error) =>
        resolve(error),
      );
    });
    await started.opened;
    const beganAtMs = performance.now();
    expect(await transport.drain(900)).toBe(false);
    expect(performance.now() - beganAtMs).toBeLessThan(1500);
    const error = await unary;
    expect(error && readTypedError(error.metadata)?.reason).toBe('SHUTTING_DOWN');
    clients.close();
  });
});

describe('the signal of a call', () => {
  it('aborts when the caller cancels', async () => {
    const started = gate();
    const reasons: unknown[] = [];
    const ended = gate();
    const transport = await startBareTransport({
      onUnary: async (_request, signal) => {
        started.open();
        try {
          return await abortOf(signal);
        } finally {
          reasons.push(signal.reason);
          ended.open();
        }
      },
    });
    const clients = connectClients(transport.address);
    const call = clients.points.countPoints(
      { collection: 'docs', filter: undefined },
      asTenant('42'),
      () => undefined,
    );
    await started.opened;
    call.cancel();
    await ended.opened;
    expect(reasons[0]).toBeInstanceOf(GatewayError);
    expect(reasons[0]).toMatchObject({ reason: 'CANCELLED' });
    transport.forceStop();
    clients.close();
  });
});
