import type { IngestPointsResponse, IngestRejection } from '../../src/gen/vectorgateway/v1/points_service.js';
import { IngestClient, ingestMessage, type OpenIngest } from './ingest-client.js';

/** What a loop that resumes knows at the end. */
export interface IngestResult {
  readonly rejections: readonly IngestRejection[];
  readonly streams: number;
  /** Messages that were sent more than once. */
  readonly repeated: number;
}

export interface IngestLoop {
  readonly collection: string;
  readonly tenant: string;
  /** Points of message 1, 2, … */
  readonly messages: readonly (readonly Buffer[])[];
  /** Where the gateway is now; asked before each stream. */
  readonly address: () => Promise<string>;
  /** Messages that may be unsettled. */
  readonly window: number;
  readonly onReply?: (reply: IngestPointsResponse) => void;
}

/** Ingests all messages, through as many streams as it takes: what a careful caller in any language does. */
export async function ingestAll(loop: IngestLoop): Promise<IngestResult> {
  const state = { watermark: 0, session: undefined as string | undefined, sent: 0 };
  const rejections: IngestRejection[] = [];
  let streams = 0;
  let repeated = 0;
  while (state.watermark < loop.messages.length) {
    const client = new IngestClient(await loop.address());
    const stream = client.open(loop.tenant);
    streams += 1;
    repeated += Math.max(0, state.sent - state.watermark);
    await runStream(loop, stream, state);
    for (const reply of stream.replies) rejections.push(...reply.rejections);
    client.close();
  }
  return { rejections, streams, repeated };
}

async function runStream(
  loop: IngestLoop,
  stream: OpenIngest,
  state: { watermark: number; session: string | undefined; sent: number },
): Promise<void> {
  let isOver = false;
  void stream.ended.then(() => {
    isOver = true;
  });
  let seen = 0;
  const read = (): void => {
    for (; seen < stream.replies.length; seen += 1) {
      const reply = stream.replies[seen];
      if (reply === undefined) continue;
      state.watermark = Number(reply.watermark ?? state.watermark);
      state.session = reply.session;
      loop.onReply?.(reply);
    }
  };
  const begin = state.session === undefined ? { collection: loop.collection } : { session: state.session };
  for (let next = state.watermark; next < loop.messages.length && !isOver; next += 1) {
    const isFirst = next === state.watermark;
    while (!isOver && next - state.watermark >= loop.window) {
      await Promise.race([stream.ended, stream.more(seen)]);
      read();
    }
    if (isOver) break;
    await stream.send(ingestMessage(next + 1, loop.messages[next] ?? [], isFirst && seen === 0 ? begin : {}));
    state.sent = Math.max(state.sent, next + 1);
    read();
  }
  stream.end();
  await stream.ended;
  read();
}
