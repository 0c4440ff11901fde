import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { UpsertSummary } from '../../../src/gen/vectorgateway/v1/points.js';
import {
  IngestPointsResponse,
  StreamUpsertPointsResponse,
} from '../../../src/gen/vectorgateway/v1/points_service.js';
import { collection } from '../ground.js';
import { takeIds } from '../points.js';
import { same } from '../targets/passing-server.js';
import { ofTenant, plainClient } from './raw.js';
import type { IsDone, Messages, Writer } from './types.js';

/** StreamUpsertPoints: a caller is one stream, with points that were encoded before. */
export function streamWriter(gateway: string): Writer {
  const client = plainClient(gateway);
  const path = '/vectorgateway.v1.PointsService/StreamUpsertPoints';
  const head = new BinaryWriter().uint32(10).string(collection).finish();
  return {
    write: async (isDone, messages) => {
      let finish: (outcome: Outcome) => void = () => undefined;
      const ended = new Promise<Outcome>((resolve) => {
        finish = resolve;
      });
      const call = client.makeClientStreamRequest(path, same, same, ofTenant(), {}, (error, reply) =>
        finish({ error, summary: reply && StreamUpsertPointsResponse.decode(reply).summary }),
      );
      const sent = await sendUntil(isDone, messages, ended, () => head, call);
      return confirmed(await ended, sent);
    },
    close: () => client.close(),
  };
}

/** IngestPoints: as StreamUpsertPoints, with sequences, and replies that are read. */
export function ingestWriter(gateway: string): Writer {
  const client = plainClient(gateway);
  const path = '/vectorgateway.v1.PointsService/IngestPoints';
  return {
    write: async (isDone, messages) => {
      const call = client.makeBidiStreamRequest(path, same, same, ofTenant());
      const ended = new Promise<Outcome>((resolve) => {
        let summary: UpsertSummary | undefined;
        call.on('data', (reply: Buffer) => {
          summary = IngestPointsResponse.decode(reply).summary;
        });
        call.on('error', (error) => resolve({ error, summary }));
        call.on('end', () => resolve({ error: null, summary }));
      });
      const sent = await sendUntil(isDone, messages, ended, ingestHead, call);
      return confirmed(await ended, sent);
    },
    close: () => client.close(),
  };
}

/** Fields 1 and 1002: the collection on the first message, the sequence on each. */
function ingestHead(sequence: number): Uint8Array {
  const writer = new BinaryWriter();
  if (sequence === 1) writer.uint32(10).string(collection);
  return writer
    .uint32(1002 * 8)
    .uint64(sequence)
    .finish();
}

interface Outcome {
  readonly error: Error | null;
  readonly summary: UpsertSummary | undefined;
}

interface Sink {
  write(message: Buffer, onTaken: () => void): unknown;
  end(): void;
}

/** Messages until the caller is done or the stream ended; resolves to the points sent. */
async function sendUntil(
  isDone: IsDone,
  messages: Messages,
  ended: Promise<Outcome>,
  headOf: (sequence: number) => Uint8Array,
  sink: Sink,
): Promise<number> {
  const taken: Promise<unknown>[] = [];
  let isOver = false;
  const over = ended.then(() => {
    isOver = true;
  });
  let sent = 0;
  for (let turn = 0; !isOver && (turn === 0 || !isDone(sent)); turn++) {
    const message = messages[turn % 2 === 0 ? 0 : 1];
    await taken[turn % 2];
    const bytes = message.message(headOf(turn + 1), takeIds(message.points));
    // A write after the end of the call never calls back.
    taken[turn % 2] = Promise.race([new Promise<void>((resolve) => sink.write(bytes, resolve)), over]);
    sent += message.points;
  }
  await Promise.all(taken);
  sink.end();
  return sent;
}

function confirmed({ error, summary }: Outcome, sent: number): number {
  if (error !== null) throw error;
  const upserted = Number(summary?.upserted ?? 0n);
  if (upserted !== sent) throw new Error(`${sent} points were sent, ${upserted} confirmed`);
  return upserted;
}
