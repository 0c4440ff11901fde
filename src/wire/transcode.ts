import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Cursor, isFiniteDouble, isText, tagOf, WireType } from './cursor.js';
import { malformed, WireFault } from './fault.js';
import { limits } from './limits.js';
import { notFinite, tooDeep, type ValueBudget } from './payload-walk.js';

/** The two JSON vocabularies: tags of the kinds in google.protobuf.Value and in qdrant.Value. */
interface Dialect {
  readonly null: number;
  readonly double: number;
  /** Only Qdrant keeps integers apart. */
  readonly integer: number | undefined;
  readonly string: number;
  readonly bool: number;
  readonly struct: number;
  readonly list: number;
}

const google: Dialect = {
  null: 8,
  double: 17,
  integer: undefined,
  string: 26,
  bool: 32,
  struct: 42,
  list: 50,
};
const qdrant: Dialect = { null: 8, double: 17, integer: 24, string: 34, bool: 40, struct: 50, list: 58 };

export type Direction = 'toQdrant' | 'toGoogle';

interface Job {
  readonly writer: BinaryWriter;
  readonly from: Dialect;
  readonly to: Dialect;
  readonly budget: ValueBudget;
}

/** Bytes of one message: `buffer` from `start` to `end`. */
interface Span {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

const emptySpan: Span = { buffer: Buffer.alloc(0), start: 0, end: 0 };
const one = tagOf(1, WireType.bytes);
const two = tagOf(2, WireType.bytes);

/**
 * Rewrites a map<string, Value> from one vocabulary to the other, byte to byte: no JavaScript object is made, so keys
 * such as `__proto__` and '' are keys like any other. `entries` holds a Struct (field 1: entries); every entry is
 * written to `writer` with `entryTag`. Whatever a protobuf decoder would merge is merged, unknown fields are dropped.
 * Throws WireFault(REQUEST_MALFORMED | PAYLOAD_INVALID) with the path of keys.
 */
export function transcodeStruct(
  writer: BinaryWriter,
  struct: Buffer,
  entryTag: number,
  direction: Direction,
  budget: ValueBudget,
): void {
  const [from, to] = direction === 'toQdrant' ? [google, qdrant] : [qdrant, google];
  writeEntries({ writer, from, to, budget }, { buffer: struct, start: 0, end: struct.length }, entryTag, 0);
}

function writeEntries(job: Job, span: Span, entryTag: number, depth: number): void {
  const cursor = new Cursor(span.buffer, span.start, span.end);
  while (!cursor.atEnd) {
    const tag = cursor.tag();
    if (tag !== one) {
      skipUnknown(cursor, tag, one);
      continue;
    }
    job.writer.uint32(entryTag).fork();
    writeEntry(job, cursor, depth);
    job.writer.join();
  }
}

function writeEntry(job: Job, cursor: Cursor, depth: number): void {
  let key = emptySpan;
  const values: Span[] = [];
  const outer = cursor.enter();
  while (!cursor.atEnd) {
    const tag = cursor.tag();
    if (tag === one) {
      key = spanOf(cursor);
      if (!isText(key.buffer, key.start, key.end)) throw malformed('has a key that is not valid UTF-8');
    } else if (tag === two) {
      addChunk(job, values, spanOf(cursor));
    } else {
      skipUnknown(cursor, tag, one, two);
    }
  }
  cursor.leave(outer);
  copyBytes(job.writer, one, key);
  try {
    writeValue(job, joined(values), two, depth);
  } catch (error) {
    throw error instanceof WireFault ? error.within(key.buffer.toString('utf8', key.start, key.end)) : error;
  }
}

function writeValue(job: Job, span: Span, outerTag: number, depth: number): void {
  job.budget.take(1);
  job.writer.uint32(outerTag).fork();
  writeKind(job, span, depth);
  job.writer.join();
}

/** Of several kinds the last one counts; the same message kind several times in a row is merged. */
function writeKind(job: Job, span: Span, depth: number): void {
  const { from } = job;
  const cursor = new Cursor(span.buffer, span.start, span.end);
  let kind = 0;
  let content: Span[] = [];
  while (!cursor.atEnd) {
    const tag = cursor.tag();
    const start = cursor.pos;
    if (tag === from.struct || tag === from.list) {
      if (kind !== tag) content = [];
      addChunk(job, content, spanOf(cursor));
    } else if (tag === from.string) {
      const text = spanOf(cursor);
      if (!isText(text.buffer, text.start, text.end)) throw malformed('is not valid UTF-8');
      content = [text];
    } else if (tag === from.double || tag === from.integer || tag === from.bool || tag === from.null) {
      cursor.skip(tag);
      content = [{ buffer: span.buffer, start, end: cursor.pos }];
    } else {
      skipUnknown(
        cursor,
        tag,
        from.null,
        from.double,
        from.integer,
        from.string,
        from.bool,
        from.struct,
        from.list,
      );
      continue;
    }
    kind = tag;
  }
  writeContent(job, kind, joined(content), depth);
}

function writeContent(job: Job, kind: number, content: Span, depth: number): void {
  const { writer, from, to } = job;
  switch (kind) {
    case from.double:
      writeDouble(job, content);
      return;
    case from.integer:
      writer
        .uint32(to.double)
        .double(Number(BigInt.asIntN(64, new Cursor(content.buffer, content.start).varint())));
      return;
    case from.string:
      copyBytes(writer, to.string, content);
      return;
    case from.bool:
      writer.uint32(to.bool).bool(new Cursor(content.buffer, content.start).varint() !== 0n);
      return;
    case from.struct:
    case from.list:
      if (depth >= limits.payloadDepth) throw tooDeep();
      writer.uint32(kind === from.struct ? to.struct : to.list).fork();
      if (kind === from.struct) writeEntries(job, content, one, depth + 1);
      else writeElements(job, content, depth + 1);
      writer.join();
      return;
    default:
      // null, and no kind at all, which is a null to Qdrant and would be an error in JSON.
      writer.uint32(to.null).uint32(0);
  }
}

function writeElements(job: Job, span: Span, depth: number): void {
  const cursor = new Cursor(span.buffer, span.start, span.end);
  for (let index = 0; !cursor.atEnd; ) {
    const tag = cursor.tag();
    if (tag !== one) {
      skipUnknown(cursor, tag, one);
      continue;
    }
    try {
      writeValue(job, spanOf(cursor), one, depth);
    } catch (error) {
      throw error instanceof WireFault ? error.within(`[${index}]`) : error;
    }
    index++;
  }
}

/** Plain JSON has one kind of number: integral ones become integers, as far as a double counts exactly. */
function writeDouble(job: Job, content: Span): void {
  const { writer, to } = job;
  const number = content.buffer.readDoubleLE(content.start);
  if (to.integer === undefined) {
    writer.uint32(to.double).double(number);
    return;
  }
  if (!isFiniteDouble(content.buffer, content.start)) throw notFinite();
  const integral = Number.isInteger(number) && Math.abs(number) <= 2 ** 53 && !Object.is(number, -0);
  if (!integral) writer.uint32(to.double).double(number);
  else if (number >= 0 && number <= 0xffffffff) writer.uint32(to.integer).uint32(number);
  else writer.uint32(to.integer).int64(BigInt(number));
}

function spanOf(cursor: Cursor): Span {
  const length = cursor.length();
  const start = cursor.pos;
  cursor.skipBytes(length);
  return { buffer: cursor.buffer, start, end: start + length };
}

/** Chunks of one message. They are joined once, at the end: joining at each would cost the square of their number. */
function addChunk(job: Job, chunks: Span[], chunk: Span): void {
  if (chunks.length > 0) job.budget.take(1);
  chunks.push(chunk);
}

/** Joining the bytes of several messages is what merging them means. */
function joined(chunks: readonly Span[]): Span {
  const first = chunks[0] ?? emptySpan;
  if (chunks.length <= 1) return first;
  const buffer = Buffer.concat(chunks.map(view));
  return { buffer, start: 0, end: buffer.length };
}

function view(span: Span): Buffer {
  return span.buffer.subarray(span.start, span.end);
}

function copyBytes(writer: BinaryWriter, tag: number, span: Span): void {
  writer.uint32(tag).bytes(view(span));
}

/** Skips a field that is not declared. A declared one with another wire type is an error to Qdrant, so to us too. */
function skipUnknown(cursor: Cursor, tag: number, ...declared: readonly (number | undefined)[]): void {
  for (const known of declared) {
    if (known !== undefined && known >>> 3 === tag >>> 3)
      throw malformed('has a field of the wrong wire type');
  }
  cursor.skip(tag);
}
