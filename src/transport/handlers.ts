import type { handleClientStreamingCall, handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { CallContext } from '../backend/index.js';
import { GatewayError } from '../errors/index.js';
import type { TenantScope } from '../tenancy/index.js';
import type { Authorizer } from './authorizer.js';
import { type ContextOptions, createCallContext } from './call-context.js';
import type { CallGate } from './call-gate.js';
import type { RpcRow } from './rpc-table.js';
import { toStatus } from './status.js';

export interface HandlerOptions {
  readonly authorizer: Authorizer;
  readonly gate: CallGate;
  readonly defaultDeadlineMs: number;
  /** Aborted when streams are asked to end, and when unary calls must. */
  readonly streamShutdown: AbortSignal;
  readonly unaryShutdown: AbortSignal;
  /** Counts the calls that are being handled, for the drain. */
  readonly track: <T>(work: Promise<T>) => Promise<T>;
}

type UnaryCall = Parameters<handleUnaryCall<Buffer, Buffer>>[0];
type StreamCall = Parameters<handleClientStreamingCall<Buffer, Buffer>>[0];

/** grpc-js handlers for a table of rows. Each answers exactly once, whatever the use case does. */
export function implement(
  table: Readonly<Record<string, RpcRow>>,
  options: HandlerOptions,
): UntypedServiceImplementation {
  const implementation: UntypedServiceImplementation = {};
  for (const [rpc, row] of Object.entries(table)) {
    implementation[rpc] =
      row.kind === 'unary'
        ? unaryHandler((scope, call, context) => row.handle(scope, call.request, context), options)
        : streamHandler((scope, call, context) => row.handle(scope, call, context), options);
  }
  return implementation;
}

type Work<Call> = (scope: TenantScope, call: Call, context: CallContext) => Promise<Uint8Array>;

function unaryHandler(work: Work<UnaryCall>, options: HandlerOptions): handleUnaryCall<Buffer, Buffer> {
  const settings = {
    defaultDeadlineMs: options.defaultDeadlineMs,
    shutdown: options.unaryShutdown,
    reserve: unaryReserve,
    isStream: false,
  };
  return (call, callback) => {
    answer(run(call, work, options, settings), callback);
  };
}

function streamHandler(
  work: Work<StreamCall>,
  options: HandlerOptions,
): handleClientStreamingCall<Buffer, Buffer> {
  // Streams have an idle timeout instead of a default deadline.
  const settings = {
    defaultDeadlineMs: Number.POSITIVE_INFINITY,
    shutdown: options.streamShutdown,
    reserve: streamReserve,
    isStream: true,
  };
  return (call, callback) => {
    answer(run(call, work, options, settings), callback);
  };
}

async function run<Call extends UnaryCall | StreamCall>(
  call: Call,
  work: Work<Call>,
  options: HandlerOptions,
  settings: ContextOptions & { readonly isStream: boolean },
): Promise<Uint8Array> {
  const context = createCallContext(call, settings);
  if (settings.isStream) options.gate.leaveFailuresTo(call.metadata, context.abort);
  try {
    return await options.track(work(options.authorizer.scopeOf(call.metadata), call, context));
  } catch (error) {
    // Whatever failed because the call was over, failed for that reason.
    if (context.signal.aborted && !(error instanceof GatewayError)) throw context.signal.reason;
    throw error;
  } finally {
    const record = options.gate.recordOf(call.metadata);
    if (record !== undefined) record.attempts = context.attempts;
    context.dispose();
  }
}

function answer(
  work: Promise<Uint8Array>,
  callback: (error: ReturnType<typeof toStatus> | null, reply?: Buffer) => void,
): void {
  work.then(
    (reply) => callback(null, Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength)),
    (error: unknown) => callback(toStatus(error)),
  );
}

// The answer of a call whose time is over must leave before the caller's own clock ends the call, or its reason
// is never seen; a stream's summary is worth more of the time than a unary call's text.
const unaryReserve = (remainingMs: number): number => Math.min(15, remainingMs * 0.05);
const streamReserve = (remainingMs: number): number => Math.min(250, remainingMs * 0.1);
