import type { CallContext } from '../backend/index.js';
import { Code, GatewayError, type Reason, reasonCodes } from '../errors/index.js';
import { StreamUpsertPointsResponse } from '../gen/vectorgateway/v1/points_service.js';
import {
  type IncomingMessage,
  type IncomingMessages,
  type ServiceDeps,
  type StreamUpsertOptions,
  streamUpsert,
} from '../services/index.js';
import type { CallReads, ReadGate } from './read-gate.js';
import type { ClientStreamRow, RawBidiStream, RawClientStream } from './rpc-table.js';

type RawStream = RawClientStream | RawBidiStream;

export interface UpsertStreamSettings {
  readonly batchPoints: number;
  readonly batchBytes: number;
  readonly batchesInFlight: number;
  readonly tunesBatches: boolean;
  readonly streamIdleMs: number;
  /** What the drain gives running calls in all. */
  readonly shutdownGraceMs: number;
}

/** The row of StreamUpsertPoints. */
export function upsertStreamRow(
  deps: ServiceDeps,
  gate: ReadGate,
  settings: UpsertStreamSettings,
): ClientStreamRow {
  return {
    kind: 'client-stream',
    needs: 'write',
    handle: async (scope, call, context) => {
      const messages = messagesOf(call, gate.readsOf(call.metadata));
      const options = optionsOf(settings, Number(call.getDeadline()), context);
      const summary = await streamUpsert(deps, scope, messages, options, context);
      return StreamUpsertPointsResponse.encode({ summary }).finish();
    },
  };
}

export function optionsOf(
  settings: UpsertStreamSettings,
  deadlineAtMs: number,
  context: CallContext,
): StreamUpsertOptions {
  // Between the two, the answer must be made and travel to the caller.
  const reserveMs = Number.isFinite(deadlineAtMs) ? deadlineAtMs - context.deadlineAtMs : 0;
  const lateMs = reserveMs * reserveShareForWrites;
  const finishMs = Math.min(maxFinishMs, Math.max(minFinishMs, settings.shutdownGraceMs - answerMs));
  return {
    batchPoints: settings.batchPoints,
    batchBytes: settings.batchBytes,
    batchesInFlight: settings.batchesInFlight,
    tunesBatches: settings.tunesBatches,
    idleMs: settings.streamIdleMs,
    lingerMs,
    quietMs,
    finishMs: (reason: Reason) => {
      if (reason === 'DEADLINE_EXCEEDED') return lateMs;
      if (endsIdentity(reason)) return Math.min(finishMs, lostIdentityMs);
      return Math.min(finishMs, context.deadlineAtMs + lateMs - Date.now());
    },
    sendDeadlineAtMs: context.deadlineAtMs + lateMs,
  };
}

/** Whether a running call ends for this reason because its credential does not hold any more. */
function endsIdentity(reason: Reason): boolean {
  return reasonCodes[reason] === Code.UNAUTHENTICATED || reasonCodes[reason] === Code.PERMISSION_DENIED;
}

export function messagesOf(call: RawStream, reads: CallReads): IncomingMessages {
  return {
    get isHeldBack() {
      return reads.isHeldBack;
    },
    [Symbol.asyncIterator]: () => readMessages(call, reads),
  };
}

async function* readMessages(call: RawStream, reads: CallReads): AsyncGenerator<IncomingMessage> {
  for (;;) {
    const bytes: Buffer | null = call.read();
    if (bytes !== null) yield { bytes, release: reads.take() };
    else if (call.readableEnded || call.destroyed) break;
    else await moreOrOver(call);
  }
  // grpc-js reports a stream that was reset as ended, before it reports it as cancelled.
  if (reads.tear !== undefined) throw reads.tear;
  if (!call.readableEnded) throw new GatewayError('CANCELLED', 'the call is over');
}

function moreOrOver(call: RawStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) call.removeListener(event, done);
      resolve();
    };
    for (const event of events) call.on(event, done);
  });
}

const events = ['readable', 'end', 'close'] as const;
// The caller's pause after which a batch that is not full is sent.
const lingerMs = 10;
// The reset behind an end of messages is in the same packet or the next.
const quietMs = 10;
const reserveShareForWrites = 0.6;
// What the drain needs beside the writes in flight, to answer and to close.
const answerMs = 1000;
const minFinishMs = 100;
const maxFinishMs = 5000;
// A key that was revoked has no call five seconds later; finding out takes two of them.
const lostIdentityMs = 2000;
