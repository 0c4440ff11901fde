import { GatewayError } from '../errors/index.js';
import { Status } from '../gen/google/rpc/status.js';
import { StreamSearchPointsResponse } from '../gen/vectorgateway/v1/points_service.js';
import { type SearchReplies, type ServiceDeps, streamSearch } from '../services/index.js';
import { messagesOf, optionsOf, type UpsertStreamSettings } from './client-stream.js';
import type { ReadGate } from './read-gate.js';
import type { BidiStreamRow } from './rpc-table.js';
import { errorBytes } from './status.js';
import { StreamReplies } from './stream-replies.js';

export interface SearchStreamSettings extends UpsertStreamSettings {
  readonly defaultDeadlineMs: number;
  readonly maxStreamBytes: number;
  readonly onFault: (error: unknown) => void;
}

/** The row of StreamSearchPoints. */
export function searchStreamRow(
  deps: ServiceDeps,
  gate: ReadGate,
  settings: SearchStreamSettings,
): BidiStreamRow {
  return {
    kind: 'bidi-stream',
    needs: 'read',
    handle: async (scope, call, context) => {
      const messages = messagesOf(call, gate.readsOf(call.metadata));
      const { idleMs, finishMs } = optionsOf(settings, Number(call.getDeadline()), context);
      const written = new StreamReplies(call, context.signal);
      const options = {
        searchesInFlight,
        searchDeadlineMs: settings.defaultDeadlineMs,
        idleMs,
        finishMs,
        onFault: settings.onFault,
      };
      try {
        const replies = repliesBy(written, settings.maxStreamBytes);
        await streamSearch(deps, scope, messages, replies, options, context);
      } finally {
        // An error's status does not wait for replies that are still to be written.
        await written.all();
      }
    },
  };
}

function repliesBy(written: StreamReplies, maxUnsentBytes: number): SearchReplies {
  return {
    send: (id, outcome) => {
      const isFull = written.unsentBytes > 0 && written.unsentBytes + sizeOf(outcome) > maxUnsentBytes;
      written.send(encode(id, isFull ? unread() : outcome));
    },
    room: () => written.room(),
  };
}

const sizeOf = (outcome: Uint8Array | GatewayError): number =>
  outcome instanceof GatewayError ? 0 : outcome.length;

function encode(id: string, outcome: Uint8Array | GatewayError): Buffer {
  const isError = outcome instanceof GatewayError;
  const status = isError ? Status.decode(errorBytes(outcome)) : undefined;
  const rest = StreamSearchPointsResponse.encode({ results: [], id, status }).finish();
  // Results are records of the same field in the replies of SearchPoints and QueryPoints.
  return Buffer.concat(isError ? [rest] : [outcome, rest]);
}

/** Searches go on while their replies wait to be read, and each may be as large as a reply can be. */
function unread(): GatewayError {
  const text = 'too many replies of this stream wait to be read: search again when they are';
  return new GatewayError('OVERLOADED', text, { retryDelayMs: 1000 });
}

const searchesInFlight = 32;
