import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
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
type BidiCall = Parameters<handleBidiStreamingCall<Buffer, Buffer>>[0];
type ServerStreamCall = Parameters<handleServerStreamingCall<Buffer, Buffer>>[0];

/** grpc-js handlers for a table of rows. Each answers exactly once, whatever the use case does. */
export function implement(
  table: Readonly<Record<string, RpcRow>>,
  options: HandlerOptions,
): UntypedServiceImplementation {
  const implementation: UntypedServiceImplementation = {};
  for (const [rpc, row] of Object.entries(table)) {
    implementation[rpc] = handlerOf(row, options);
  }
  return implementation;
}

function handlerOf(row: RpcRow, options: HandlerOptions): UntypedServiceImplementation[string] {
  switch (row.kind) {
    case 'unary':
      return unaryHandler((scope, call, context) => row.handle(scope, call.request, context), options);
    case 'client-stream':
      return streamHandler(row.handle, options);
    case 'bidi-stream':
      return answeringHandler<BidiCall>(row.handle, options, true);
    case 'server-stream':
      return answeringHandler<ServerStreamCall>(row.handle, options, false);
  }
}

type Work<Call, Result = Uint8Array> = (
  scope: TenantScope,
  call: Call,
  context: CallContext,
) => Promise<Result>;

function unaryHandler(work: Work<UnaryCall>, options: HandlerOptions): handleUnaryCall<Buffer, Buffer> {
  const settings = {
    defaultDeadlineMs: options.defaultDeadlineMs,
    shutdown: options.unaryShutdown,
    reserve: unaryReserve,
    readsStream: false,
  };
  return (call, callback) => {
    answer(run(call, work, options, settings), callback);
  };
}

function streamHandler(
  work: Work<StreamCall>,
  options: HandlerOptions,
): handleClientStreamingCall<Buffer, Buffer> {
  const settings = streamSettings(options, true);
  return (call, callback) => {
    answer(run(call, work, options, settings), callback);
  };
}

/** For calls that answer with a stream. */
function answeringHandler<Call extends BidiCall | ServerStreamCall>(
  work: Work<Call, void>,
  options: HandlerOptions,
  readsStream: boolean,
): (call: Call) => void {
  const settings = streamSettings(options, readsStream);
  return (call) => {
    run(call, work, options, settings).then(
      () => call.end(),
      // The status of a stream that answers is told this way.
      (error: unknown) => call.emit('error', toStatus(error)),
    );
  };
}

// Streams have an idle timeout instead of a default deadline.
function streamSettings(options: HandlerOptions, readsStream: boolean): RunSettings {
  return {
    defaultDeadlineMs: Number.POSITIVE_INFINITY,
    shutdown: options.streamShutdown,
    reserve: streamReserve,
    readsStream,
  };
}

type RunSettings = ContextOptions & { readonly readsStream: boolean };

async function run<Call extends UnaryCall | StreamCall | BidiCall | ServerStreamCall, Result>(
  call: Call,
  work: Work<Call, Result>,
  options: HandlerOptions,
  settings: RunSettings,
): Promise<Result> {
  const context = createCallContext(call, settings);
  // At once: a cancelled call is logged before its handler knows.
  const record = options.gate.recordOf(call.metadata);
  if (record !== undefined) record.work = context;
  options.gate.leaveEndTo(call.metadata, context.abort);
  if (settings.readsStream) options.gate.leaveFailuresTo(call.metadata, context.abort);
  try {
    return await options.track(work(options.authorizer.scopeOf(call.metadata), call, context));
  } catch (error) {
    // Whatever failed because the call was over, failed for that reason.
    if (context.signal.aborted && !(error instanceof GatewayError)) throw context.signal.reason;
    throw error;
  } finally {
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
