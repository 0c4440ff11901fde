import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { Code, GatewayError } from '../errors/index.js';
import { cleanText } from '../observe/index.js';
import type { AccessScope } from '../tenancy/index.js';
import type { Admission, Authorizer } from './authorizer.js';
import { type CallRecord, createCallRecord, givenRequestId } from './call-record.js';
import { explainForeignStatus } from './foreign-status.js';
import type { OpenCall, OpenCalls } from './open-calls.js';
import { type PartialStatus, sourceOf, toStatus } from './status.js';

export interface CallGateOptions {
  readonly authorizer: Authorizer;
  readonly openCalls: OpenCalls;
  readonly maxMetadataBytes: number;
  /** What the RPC at a path needs, or 'public' (health, reflection). A path without an answer is refused. */
  readonly needsOf: (path: string) => AccessScope | 'public' | undefined;
  /** Resets the call with this metadata, whatever is under way. */
  readonly cutOff: (metadata: Metadata) => void;
  readonly onStart: (record: CallRecord) => void;
  /** Once for every onStart. */
  readonly onEnd: (record: CallRecord, code: number) => void;
}

/**
 * The innermost interceptor. Every status leaves through it, also those that grpc-js makes itself (too large,
 * undecodable, deadline, gzip), and a call is refused on its metadata alone, before any of its messages is read.
 */
export class CallGate {
  readonly #options: CallGateOptions;
  readonly #records = new WeakMap<Metadata, CallRecord>();
  readonly #heirs = new WeakMap<CallRecord, (error: GatewayError) => void>();
  readonly #open = new WeakMap<CallRecord, OpenCall>();

  constructor(options: CallGateOptions) {
    this.#options = options;
  }

  /** The record of the call with this metadata. */
  recordOf(metadata: Metadata): CallRecord | undefined {
    return this.#records.get(metadata);
  }

  /**
   * From now on a failure that grpc-js finds in the messages of this call is told to `onFailure` instead of the caller:
   * the handler answers, and can say what became of the messages before.
   */
  leaveFailuresTo(metadata: Metadata, onFailure: (error: GatewayError) => void): void {
    const record = this.#records.get(metadata);
    if (record !== undefined) this.#heirs.set(record, onFailure);
  }

  /** From now on a call whose credential does not hold any more is told to `end`: its handler answers. */
  leaveEndTo(metadata: Metadata, end: (error: GatewayError) => void): void {
    const record = this.#records.get(metadata);
    const open = record === undefined ? undefined : this.#open.get(record);
    if (open !== undefined) open.end = end;
  }

  readonly interceptor: ServerInterceptor = (method, base) => {
    const record = createCallRecord(method.path);
    this.#options.onStart(record);
    const finish = this.#ownStatus(base, record);
    return new ServerInterceptingCall(base, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, forward) => {
            const refuse = (error: unknown): void => base.sendStatus(toStatus(error));
            try {
              const admitted = this.#admit(metadata, record, base);
              // Until then nothing is read: a call that ends meanwhile is not forwarded by grpc-js.
              if (admitted instanceof Promise) admitted.then(() => forward(metadata)).catch(refuse);
              else forward(metadata);
            } catch (error) {
              refuse(error);
            }
          },
          onReceiveMessage: (message: unknown, forward) => {
            if (Buffer.isBuffer(message)) record.bytesIn += message.length;
            forward(message);
          },
          onCancel: () => finish(Code.CANCELLED),
        }),
      sendMessage: (message: unknown, next) => {
        if (Buffer.isBuffer(message)) record.bytesOut += message.length;
        next(message);
      },
    });
  };

  // The base call sends its own errors by calling this method on itself, below every responder: replacing it on the
  // object is the one place that sees them all.
  #ownStatus(base: ServerInterceptingCallInterface, record: CallRecord): (code: number) => void {
    let finished = false;
    const finish = (code: number): void => {
      if (finished) return;
      finished = true;
      record.isOver = true;
      const open = this.#open.get(record);
      if (open !== undefined) this.#options.openCalls.delete(open);
      this.#options.onEnd(record, code);
    };
    const send = base.sendStatus.bind(base);
    base.sendStatus = (status) => {
      if (this.#isLeftToHandler(status, record)) return;
      const shown = presentable(status, record);
      finish(shown.code ?? Code.UNKNOWN);
      const metadata = shown.metadata ?? new Metadata();
      metadata.set('x-request-id', record.requestId);
      send({ ...shown, metadata });
    };
    return finish;
  }

  // At the deadline the caller is gone: nobody would hear what the handler has to say.
  #isLeftToHandler(status: PartialStatus, record: CallRecord): boolean {
    const heir = this.#heirs.get(record);
    if (heir === undefined || status.code === Code.OK || status.code === Code.DEADLINE_EXCEEDED) return false;
    const error = sourceOf(status) === undefined ? explainForeignStatus(status) : undefined;
    if (error === undefined) return false;
    heir(error);
    return true;
  }

  /** Throws or rejects with the typed error of a call that is not let in. */
  #admit(
    metadata: Metadata,
    record: CallRecord,
    base: ServerInterceptingCallInterface,
  ): void | Promise<void> {
    this.#records.set(metadata, record);
    record.requestId = givenRequestId(metadata) ?? record.requestId;
    this.#checkSize(metadata);
    const needs = this.#options.needsOf(record.path);
    if (needs === undefined)
      throw new GatewayError('METHOD_UNKNOWN', 'the gateway does not serve this method');
    if (needs === 'public') return;
    const { authorizer } = this.#options;
    const presented = authorizer.presentedBy(metadata, base);
    const open = (admission: Admission): void => {
      record.tenant = admission.scope.tenantId;
      this.#watch(record, {
        admission,
        judge: () => authorizer.judgeAgain(metadata, presented, needs),
        end: (error) => base.sendStatus(toStatus(error)),
        cutOff: (error) => {
          record.reason = error.reason;
          this.#options.cutOff(metadata);
        },
      });
    };
    const address = base.getConnectionInfo().remoteAddress ?? '';
    const admission = authorizer.authorize(metadata, presented, address, needs, ({ name }) => {
      record.principal = name;
    });
    return admission instanceof Promise ? admission.then(open) : open(admission);
  }

  #watch(record: CallRecord, call: OpenCall): void {
    // It may have ended while its token was verified.
    if (record.isOver || this.#options.authorizer.revision === undefined) return;
    this.#open.set(record, call);
    this.#options.openCalls.add(call);
  }

  #checkSize(metadata: Metadata): void {
    let bytes = 0;
    for (const [key, values] of Object.entries(metadata.toJSON())) {
      for (const value of values) bytes += key.length + value.length + headerOverheadBytes;
    }
    if (bytes <= this.#options.maxMetadataBytes) return;
    const limit = this.#options.maxMetadataBytes;
    throw new GatewayError(
      'METADATA_TOO_LARGE',
      `the metadata has ${bytes} bytes, at most ${limit} are accepted`,
    );
  }
}

// What HTTP/2 counts for a header beside its name and value (RFC 9113, section 6.5.2).
const headerOverheadBytes = 32;

function presentable(status: PartialStatus, record: CallRecord): PartialStatus {
  if (status.code === Code.OK) return status;
  const source = sourceOf(status);
  const error = source ?? explainForeignStatus(status);
  if (error === undefined) return { ...status, details: cleanText(status.details ?? '', 500) };
  record.reason = error.reason;
  record.cause = error.cause;
  return source === undefined ? toStatus(error) : status;
}
