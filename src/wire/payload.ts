import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { asBuffer, Cursor, tagOf, WireType } from './cursor.js';
import { malformed, WireFault } from './fault.js';
import { type Finding, ValueBudget, walkEntry } from './payload-walk.js';
import { normalizePayload } from './point-normalize.js';
import { bothForms } from './point-walk.js';
import { transcodeStruct } from './transcode.js';

const payloadTag = tagOf(3, WireType.bytes);
const structTag = tagOf(1001, WireType.bytes);
const asStructTag = tagOf(1001, WireType.varint);

/**
 * The payload of a SetPayload or OverwritePayload request as encoded map entries of field 3, ready to be appended to
 * the encoded rest of the request; empty when there is none. Throws GatewayError(PAYLOAD_INVALID | REQUEST_MALFORMED |
 * POINT_INVALID when both forms are given | LIMIT_EXCEEDED).
 */
export function readPayload(message: Uint8Array): Buffer {
  const budget = new ValueBudget();
  try {
    const request = asBuffer(message);
    const entries = collect(request, payloadTag, true);
    const struct = collect(request, structTag, false);
    if (struct === undefined)
      return entries === undefined ? Buffer.alloc(0) : checkedEntries(entries, budget);
    if (entries !== undefined) throw bothForms('payload', 'payload_struct');
    return convert(struct, budget);
  } catch (error) {
    throw error instanceof WireFault ? error.toGatewayError() : error;
  }
}

function convert(struct: Buffer, budget: ValueBudget): Buffer {
  const writer = new BinaryWriter();
  try {
    transcodeStruct(writer, struct, payloadTag, 'toQdrant', budget);
  } catch (error) {
    throw error instanceof WireFault ? error.within('payload_struct') : error;
  }
  return asBuffer(writer.finish());
}

/** The caller's entries when they are canonical, else the same written again. */
function checkedEntries(entries: Buffer, budget: ValueBudget): Buffer {
  const finding: Finding = { fault: undefined };
  let source = entries;
  if (!tryWalk(entries, budget, finding)) {
    source = normalizePayload(entries, budget);
    finding.fault = undefined;
    walkEntries(source, budget, finding);
  }
  if (finding.fault !== undefined) throw finding.fault.within('payload');
  return source;
}

function tryWalk(entries: Buffer, budget: ValueBudget, finding: Finding): boolean {
  try {
    return walkEntries(entries, budget, finding);
  } catch (error) {
    if (error instanceof WireFault) return false;
    throw error;
  }
}

function walkEntries(entries: Buffer, budget: ValueBudget, finding: Finding): boolean {
  const cursor = new Cursor(entries);
  while (!cursor.atEnd) {
    cursor.tag();
    if (!walkEntry(cursor, 0, budget, finding)) return false;
  }
  return true;
}

/** All occurrences of one field of a message, joined: whole records or only their contents. Undefined: none. */
function collect(message: Buffer, wantedTag: number, withTags: boolean): Buffer | undefined {
  let size = 0;
  let found = false;
  const visit = (use: (start: number, end: number) => void) => {
    const cursor = new Cursor(message);
    while (!cursor.atEnd) {
      const start = cursor.pos;
      const tag = cursor.tag();
      const afterTag = cursor.pos;
      cursor.skip(tag);
      if (tag === wantedTag) use(withTags ? start : contentStart(message, afterTag), cursor.pos);
      else if (tag >>> 3 === wantedTag >>> 3)
        throw malformed(`has the wrong wire type in field ${tag >>> 3}`);
    }
  };
  visit((start, end) => {
    found = true;
    size += end - start;
  });
  if (!found) return undefined;
  const joined = Buffer.allocUnsafe(size);
  let filled = 0;
  visit((start, end) => {
    filled += message.copy(joined, filled, start, end);
  });
  return joined;
}

function contentStart(message: Buffer, pos: number): number {
  const cursor = new Cursor(message, pos);
  cursor.length();
  return cursor.pos;
}

/**
 * Whether a WithPayloadSelector asks for `payload_struct`; `path` are the numbers of the fields that lead to it. Throws
 * REQUEST_MALFORMED.
 */
export function wantsStruct(message: Uint8Array, ...path: readonly number[]): boolean {
  try {
    let selector: Buffer | undefined = asBuffer(message);
    for (const field of path) selector = selector && collect(selector, tagOf(field, WireType.bytes), false);
    if (selector === undefined) return false;
    const cursor = new Cursor(selector);
    let wanted = false;
    while (!cursor.atEnd) {
      const tag = cursor.tag();
      if (tag === asStructTag) wanted = cursor.varint() !== 0n;
      else if (tag >>> 3 === asStructTag >>> 3)
        throw malformed('has the wrong wire type').within('as_struct');
      else cursor.skip(tag);
    }
    return wanted;
  } catch (error) {
    throw error instanceof WireFault ? error.toGatewayError('with_payload') : error;
  }
}
