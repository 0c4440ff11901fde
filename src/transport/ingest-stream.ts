import { IngestPointsResponse } from '../gen/vectorgateway/v1/points_service.js';
import { ingest, type ServiceDeps } from '../services/index.js';
import { messagesOf, optionsOf, type UpsertStreamSettings } from './client-stream.js';
import type { ReadGate } from './read-gate.js';
import type { BidiStreamRow } from './rpc-table.js';
import { StreamReplies } from './stream-replies.js';

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
      const written = new StreamReplies(call, context.signal);
      const replies = {
        send: (reply: IngestPointsResponse) =>
          written.send(Buffer.from(IngestPointsResponse.encode(reply).finish())),
        room: () => written.room(),
      };
      try {
        await ingest(deps, scope, messages, replies, options, context);
      } finally {
        // An error's status does not wait for replies that are still to be written.
        await written.all();
      }
    },
  };
}
