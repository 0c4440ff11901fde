import { constants, type Http2SecureServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';
import type { ByteBudget, CallAccount } from './byte-budget.js';
import { MessageFrames } from './message-frames.js';
import { isOpenPath } from './open-services.js';
import type { ReplyRoom } from './reply-room.js';
import { toStatus } from './status.js';

type Call = ConstructorParameters<typeof ServerInterceptingCall>[0];

/**
 * Messages of every call pass here, on their way in and out. No message is read further than its first bytes before its size is booked in the
 * byte budget: grpc-js alone reads 16 messages ahead, half a GiB a stream.
 */
export class ReadGate {
  readonly #budget: ByteBudget;
  readonly #maxMessageBytes: number;
  readonly #replies: ReplyRoom;
  readonly #reads = new WeakMap<Metadata, CallReads>();
  // grpc-js hides the HTTP/2 stream of a call, but asks for interceptors in the turn in which the stream is announced.
  #announced: ServerHttp2Stream | undefined;

  constructor(budget: ByteBudget, maxMessageBytes: number, replies: ReplyRoom) {
    this.#budget = budget;
    this.#maxMessageBytes = maxMessageBytes;
    this.#replies = replies;
  }

  /** Must see the server of the calls before it listens. */
  watch(server: Http2Server | Http2SecureServer): void {
    server.prependListener('stream', (stream) => {
      this.#announced = stream;
    });
  }

  interceptor(tenantOf: (metadata: Metadata) => string | undefined): ServerInterceptor {
    return (method, call) => this.#gated(method.path, call, tenantOf);
  }

  #gated(path: string, call: Call, tenantOf: (metadata: Metadata) => string | undefined): GatedCall {
    const stream = this.#announced;
    this.#announced = undefined;
    if (stream === undefined) throw new TypeError('a call without an HTTP/2 stream');
    // What is open to everybody takes questions of some bytes; more would be room that nobody has to answer for.
    const isOpen = isOpenPath(path);
    const maxMessageBytes = isOpen ? maxOpenMessageBytes : this.#maxMessageBytes;
    const reads = new CallReads(stream, this.#budget.open(), maxMessageBytes, () => {
      // Above its own limit grpc-js refuses the message in this same turn.
      if (isOpen) call.sendStatus(toStatus(tooLarge(maxMessageBytes)));
    });
    const admit = (bytes: number) => this.#replies.admit(stream, bytes);
    const onMetadata = (metadata: Metadata): void => {
      this.#reads.set(metadata, reads);
      reads.belongTo(tenantOf(metadata));
    };
    return new GatedCall(call, reads, onMetadata, admit);
  }

  /** Resets the call with this metadata, whatever is under way. */
  cutOff(metadata: Metadata): void {
    this.#reads.get(metadata)?.cutOff();
  }

  /** The reads of the call with this metadata. */
  readsOf(metadata: Metadata): CallReads {
    const reads = this.#reads.get(metadata);
    if (reads === undefined) throw new TypeError('a call that did not pass the gate of reads');
    return reads;
  }
}

class GatedCall extends ServerInterceptingCall {
  readonly #call: Call;
  readonly #reads: CallReads;
  readonly #admit: (bytes: number) => (() => void) | undefined;

  constructor(
    call: Call,
    reads: CallReads,
    onMetadata: (metadata: Metadata) => void,
    admit: (bytes: number) => (() => void) | undefined,
  ) {
    super(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, forward) => {
            onMetadata(metadata);
            forward(metadata);
          },
          onReceiveMessage: (message: unknown, forward) => {
            reads.onDelivered(message);
            forward(message);
          },
          // grpc-js says so at the end of every call, whatever its end.
          onCancel: () => reads.close(),
        }),
    });
    this.#call = call;
    this.#reads = reads;
    this.#admit = admit;
  }

  override startRead(): void {
    this.#reads.whenReadable(() => super.startRead());
  }

  override sendMessage(message: unknown, callback: () => void): void {
    // Messages that are not bytes yet are those of health and reflection, which answer in some bytes.
    const release = this.#admit(Buffer.isBuffer(message) ? message.length : 0);
    if (release === undefined) {
      // The status that would follow the message comes only behind its callback.
      this.#call.sendStatus(toStatus(noRoom()));
      return;
    }
    super.sendMessage(message, () => {
      release();
      callback();
    });
  }
}

/** What one call reads, and holds of what it read. */
export class CallReads {
  readonly #stream: ServerHttp2Stream;
  readonly #account: CallAccount;
  readonly #maxMessageBytes: number;
  readonly #onTooLarge: () => void;
  readonly #frames: MessageFrames;
  // Sizes as booked of messages that are on their way, and as they are of those that were delivered; oldest first.
  readonly #booked: number[] = [];
  readonly #delivered: number[] = [];
  #deliveredCount = 0;
  #takenBytes = 0;
  #isWaiting = false;
  #isClosed = false;
  #deferredRead: (() => void) | undefined;

  constructor(
    stream: ServerHttp2Stream,
    account: CallAccount,
    maxMessageBytes: number,
    onTooLarge: () => void,
  ) {
    this.#stream = stream;
    this.#account = account;
    this.#maxMessageBytes = maxMessageBytes;
    this.#onTooLarge = onTooLarge;
    this.#frames = new MessageFrames((bytes, isCompressed) => this.#book(bytes, isCompressed));
    // In front of grpc-js, which is to find the stream paused when there is no room for what begins in this chunk.
    stream.prependListener('data', (chunk: Buffer) => {
      if (!this.#isClosed) this.#frames.write(chunk);
    });
  }

  /** Undefined: for nobody. */
  belongTo(tenant: string | undefined): void {
    if (tenant !== undefined) this.#account.belongTo(tenant);
  }

  /** The caller waits for us, not we for the caller. */
  get isHeldBack(): boolean {
    return this.#isWaiting;
  }

  /** Why an end of the messages is no end in good order: the stream was reset, or ended inside a message. */
  get tear(): GatewayError | undefined {
    const { aborted, rstCode, destroyed } = this.#stream;
    if (aborted || destroyed || (rstCode ?? 0) !== 0) {
      return new GatewayError('CANCELLED', 'the caller reset the stream');
    }
    if (this.#frames.isBetweenMessages) return undefined;
    return new GatewayError('REQUEST_MALFORMED', 'the stream ended inside a message');
  }

  /** Reads now, or when the message that has begun is booked. */
  whenReadable(read: () => void): void {
    // Messages that arrived whole are booked; to hold them back would keep from release what the wait is for.
    const hasArrived = this.#frames.completed > this.#deliveredCount;
    if (this.#isWaiting && !hasArrived) this.#deferredRead = read;
    else read();
  }

  onDelivered(message: unknown): void {
    this.#deliveredCount += 1;
    if (this.#isClosed) return;
    const bookedBytes = this.#booked.shift() ?? 0;
    if (Buffer.isBuffer(message)) {
      const bytes = message.length + overheadBytes;
      this.#account.change(bytes - bookedBytes);
      this.#delivered.push(bytes);
    } else {
      // Decoded already, so its bytes are held no more, and nobody will give them back.
      this.#account.change(-bookedBytes);
    }
  }

  /** Takes over the oldest delivered message; the function gives its bytes back, once. */
  take(): () => void {
    // After the end of the call nothing is counted that was not taken before.
    let bytes = this.#isClosed ? 0 : (this.#delivered.shift() ?? 0);
    this.#takenBytes += bytes;
    return () => {
      this.#takenBytes -= bytes;
      this.#account.change(-bytes);
      bytes = 0;
    };
  }

  cutOff(): void {
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  /** What nobody took over is given back. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isWaiting = false;
    this.#deferredRead = undefined;
    this.#account.stopWaiting();
    this.#account.change(this.#takenBytes - this.#account.heldBytes);
  }

  #book(contentBytes: number, isCompressed: boolean): void {
    if (contentBytes > this.#maxMessageBytes) {
      // For good: behind a message that is not read there is nothing to read.
      this.#isWaiting = true;
      this.#stream.pause();
      this.#onTooLarge();
      return;
    }
    // How large it will be nobody knows before it is unpacked.
    const bytes = (isCompressed ? this.#maxMessageBytes : contentBytes) + overheadBytes;
    this.#booked.push(bytes);
    if (this.#account.book(bytes, () => this.#onGrant())) return;
    this.#isWaiting = true;
    this.#stream.pause();
  }

  #onGrant(): void {
    this.#isWaiting = false;
    const read = this.#deferredRead;
    this.#deferredRead = undefined;
    if (read === undefined) this.#stream.resume();
    else read();
  }
}

function noRoom(): GatewayError {
  const text = 'too many replies wait to be read by their callers; retry later';
  return new GatewayError('OVERLOADED', text, { retryDelayMs: 1000 });
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('MESSAGE_TOO_LARGE', `the message is larger than ${maxBytes} bytes`);
}

const maxOpenMessageBytes = 64 * 1024;
// What a message costs beside its bytes: buffers, queue entries.
const overheadBytes = 256;
