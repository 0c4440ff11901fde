import { setTimeout as sleep } from 'node:timers/promises';
import { IngestPointsResponse } from '../gen/vectorgateway/v1/points_service.js';
import { type IngestReplies, ingest, type ServiceDeps } from '../services/index.js';
import { messagesOf, optionsOf, type UpsertStreamSettings } from './client-stream.js';
import type { ReadGate } from './read-gate.js';
import type { BidiStreamRow, RawBidiStream } from './rpc-table.js';
import { drained } from './stream-room.js';

/** The row of IngestPoints. */
export function ingestRow(
  deps: ServiceDeps,
  gate: ReadGate,
  settings: UpsertStreamSettings & { readonly maxStreamBytes: number },
): BidiStreamRow {
  return {
    kind: 'bidi-stream',
    needs: 'write',
    handle: async (scope, call, context) => {
      const messages = messagesOf(call, gate.readsOf(call.metadata));
      const common = optionsOf(settings, Number(call.getDeadline()), context);
      const options = { ...common, windowBytes: settings.maxStreamBytes };
      const replies = repliesOf(call, context.signal);
      try {
        await ingest(deps, scope, messages, replies, options, context);
      } finally {
        // An error's status does not wait for replies that are still to be written.
        await replies.written();
      }
    },
  };
}

function repliesOf(call: RawBidiStream, signal: AbortSignal): IngestReplies & { written(): Promise<void> } {
  let lastWrite: Promise<void> = Promise.resolve();
  return {
    send: (reply) => {
      // Who has gone hears nothing more.
      if (call.cancelled || call.destroyed) return;
      const bytes = Buffer.from(IngestPointsResponse.encode(reply).finish());
      lastWrite = new Promise((resolve) => {
        call.write(bytes, () => resolve());
      });
    },
    // Replies leave in order. Who does not read them is not waited for.
    written: () => Promise.race([lastWrite, sleep(lastWordsMs, undefined, { ref: false })]),
    room: () => (call.writableNeedDrain ? drained(call, signal) : Promise.resolve()),
  };
}

const lastWordsMs = 250;
