import { GatewayError } from '../errors/index.js';
import { type Cursor, isFiniteDouble, isText, tagOf, WireType } from './cursor.js';
import { malformed, WireFault } from './fault.js';
import { limits } from './limits.js';

/**
 * Counts the payload values of one message, and the records of points that take the slow path, so that no message
 * costs more than its bound.
 */
export class ValueBudget {
  #left: number = limits.payloadValues;

  /** Throws GatewayError(LIMIT_EXCEEDED) for the whole message. */
  take(count: number): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    const most = limits.payloadValues.toLocaleString('en');
    throw new GatewayError(
      'LIMIT_EXCEEDED',
      `the message holds more than ${most} payload values and fields; send fewer points a message`,
    );
  }
}

/** The first thing wrong with the meaning of a walk's bytes. Final only when the walk found them canonical. */
export interface Finding {
  fault: WireFault | undefined;
}

/** Field numbers of a Value: Qdrant's has integers, google.protobuf.Value has not. */
export const ValueTag = {
  null: tagOf(1, WireType.varint),
  double: tagOf(2, WireType.fixed64),
  integer: tagOf(3, WireType.varint),
  string: tagOf(4, WireType.bytes),
  bool: tagOf(5, WireType.varint),
  struct: tagOf(6, WireType.bytes),
  list: tagOf(7, WireType.bytes),
} as const;

const keyTag = tagOf(1, WireType.bytes);
const valueTag = tagOf(2, WireType.bytes);
const elementTag = tagOf(1, WireType.bytes);

/**
 * Walks one map entry (key, Value) of a payload, at its length. True: canonical, the bytes may travel as they are.
 * False: legal perhaps, but written in a way that decoders have to merge or drop; the cursor is left anywhere.
 *
 * Two entries with one key need no slow path: an entry is a whole of its own, and every decoder of maps keeps the last.
 */
export function walkEntry(cursor: Cursor, depth: number, budget: ValueBudget, finding: Finding): boolean {
  const outer = cursor.enter();
  if (cursor.atEnd || cursor.tag() !== keyTag) return false;
  const keyLength = cursor.length();
  const keyStart = cursor.pos;
  cursor.skipBytes(keyLength);
  const { buffer } = cursor;
  if (!isText(buffer, keyStart, keyStart + keyLength)) throw malformed('has a key that is not valid UTF-8');
  if (cursor.atEnd || cursor.tag() !== valueTag) return false;
  const before = finding.fault;
  if (!walkValue(cursor, depth, budget, finding)) return false;
  if (before === undefined && finding.fault !== undefined) {
    finding.fault.within(buffer.toString('utf8', keyStart, keyStart + keyLength));
  }
  if (!cursor.atEnd) return false;
  cursor.leave(outer);
  return true;
}

function walkValue(cursor: Cursor, depth: number, budget: ValueBudget, finding: Finding): boolean {
  budget.take(1);
  const outer = cursor.enter();
  // A Value without a kind is a null to Qdrant (recorded in its answers).
  if (!cursor.atEnd && !walkKind(cursor, depth, budget, finding)) return false;
  if (!cursor.atEnd) return false;
  cursor.leave(outer);
  return true;
}

function walkKind(cursor: Cursor, depth: number, budget: ValueBudget, finding: Finding): boolean {
  switch (cursor.tag()) {
    case ValueTag.null:
    case ValueTag.integer:
    case ValueTag.bool:
      cursor.skipVarint();
      return true;
    case ValueTag.double:
      cursor.skipBytes(8);
      if (!isFiniteDouble(cursor.buffer, cursor.pos - 8)) finding.fault ??= notFinite();
      return true;
    case ValueTag.string: {
      const length = cursor.length();
      cursor.skipBytes(length);
      if (!isText(cursor.buffer, cursor.pos - length, cursor.pos)) throw malformed('is not valid UTF-8');
      return true;
    }
    case ValueTag.struct:
      return walkContainer(cursor, depth, budget, finding, walkEntry);
    case ValueTag.list:
      return walkContainer(cursor, depth, budget, finding, walkValue);
    default:
      return false;
  }
}

/** Struct and ListValue alike: nothing but field 1, many times. */
function walkContainer(
  cursor: Cursor,
  depth: number,
  budget: ValueBudget,
  finding: Finding,
  walkElement: typeof walkValue,
): boolean {
  const outer = cursor.enter();
  if (depth >= limits.payloadDepth) {
    finding.fault ??= tooDeep();
    cursor.leave(outer);
    return true;
  }
  while (!cursor.atEnd) {
    if (cursor.tag() !== elementTag) return false;
    if (!walkElement(cursor, depth + 1, budget, finding)) return false;
  }
  cursor.leave(outer);
  return true;
}

export function notFinite(): WireFault {
  return new WireFault('PAYLOAD_INVALID', '', 'is not finite; a payload holds no NaN and no infinity');
}

export function tooDeep(): WireFault {
  return new WireFault('PAYLOAD_INVALID', '', `is nested deeper than ${limits.payloadDepth} levels`);
}
