import { type Client, type PointInput, VectorGatewayError } from '../../client/index.js';
import { encodePoint } from '../../client/point-codec.js';
import { CommandError } from '../usage-error.js';
import type { IngestOptions } from './options.js';
import type { PointSource } from './point-source.js';
import type { RunRecord } from './run-record.js';

// About four minutes for a gateway that is started again.
const maxReconnects = 100;
const askMs = 10_000;

export interface DeliverHooks {
  /** Aborting gives up what is in flight. */
  readonly signal: AbortSignal;
  /** The connection broke, with so many points settled. */
  onReconnect(settled: number): void;
}

/** Whether the collection is there already. Throws CommandError when it has to be and is not. */
export async function findCollection(
  client: Client,
  { collection, creates, distance }: IngestOptions,
): Promise<boolean> {
  try {
    const info = await client.collections.get(collection, { deadlineMs: askMs });
    if (distance !== undefined && info.distance !== distance) {
      throw new CommandError(
        `the collection ${JSON.stringify(collection)} exists with distance ${info.distance}`,
      );
    }
    return true;
  } catch (error) {
    if (!(error instanceof VectorGatewayError) || error.reason !== 'COLLECTION_NOT_FOUND') throw error;
    if (creates) return false;
    throw new CommandError(
      `there is no collection ${JSON.stringify(collection)}; --create makes it, with the dimension of the first good row`,
    );
  }
}

/** Stores the points of a source. Rejects as upsertAll does. */
export async function deliver(
  client: Client,
  options: IngestOptions,
  source: PointSource,
  record: RunRecord,
  hooks: DeliverHooks,
): Promise<void> {
  const points = source.points();
  const first = options.creates ? await createFor(client, options, points) : undefined;
  let reconnects = 0;
  await client
    .points(options.collection)
    .upsertAll(first === undefined ? points : startingWith(first, points), {
      signal: hooks.signal,
      maxReconnects,
      onRejected: ({ index, reason, message }) => record.ledger.refuse(index, { reason, message }),
      onProgress: (progress) => {
        record.ledger.settle(progress.settled);
        if (record.ledger.stoppedAt !== undefined) source.stop();
        if (progress.reconnects > reconnects) hooks.onReconnect(progress.settled);
        reconnects = progress.reconnects;
      },
    });
}

/** Makes the collection for the first point, which it returns. */
async function createFor(
  client: Client,
  options: IngestOptions,
  points: AsyncIterator<PointInput>,
): Promise<PointInput | undefined> {
  if (await findCollection(client, options)) return undefined;
  const first = await points.next();
  if (first.done === true) return undefined;
  const { collection, distance } = options;
  await client.collections.create(collection, {
    vectorSize: first.value.vector.length,
    distance,
    ifNotExists: true,
  });
  return first.value;
}

async function* startingWith(first: PointInput, rest: AsyncIterable<PointInput>): AsyncGenerator<PointInput> {
  yield first;
  yield* rest;
}

/** Checks what can be checked without a gateway: every point, and that all have the dimension of the first. */
export async function deliverNothing(source: PointSource, record: RunRecord): Promise<void> {
  let index = 0;
  let dimension: number | undefined;
  for await (const point of source.points()) {
    dimension ??= point.vector.length;
    const refusal = refusalOf(point, dimension);
    if (refusal !== undefined) record.ledger.refuse(index, refusal);
    index += 1;
    record.ledger.settle(index);
    if (record.ledger.stoppedAt !== undefined) source.stop();
  }
}

function refusalOf(point: PointInput, dimension: number) {
  if (point.vector.length !== dimension) {
    const message = `the vector has ${point.vector.length} numbers, that of the first good row has ${dimension}`;
    return { reason: 'VECTOR_DIMENSION_MISMATCH', message };
  }
  try {
    encodePoint(point);
    return undefined;
  } catch (error) {
    if (error instanceof TypeError) return { reason: 'POINT_INVALID', message: error.message };
    throw error;
  }
}
