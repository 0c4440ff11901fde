import {
  type DescField,
  type DescMessage,
  fromBinary,
  type MessageShape,
  ScalarType,
} from '@bufbuild/protobuf';
import { Cursor, isText, WireType } from './cursor.js';
import { malformed, WireFault } from './fault.js';
import { limits } from './limits.js';

/** What a field's bytes must look like. */
interface FieldPlan {
  readonly name: string;
  readonly wireType: number;
  readonly repeated: boolean;
  readonly isText: boolean;
  readonly maxElements: number;
  readonly isCondition: boolean;
  readonly isMapKey: boolean;
  /** Of enum fields: the numbers that have a name. Others would reach the backend, which answers them in many ways. */
  readonly numbers: ReadonlySet<number> | undefined;
  /** Of message fields; made when first met, since types are recursive. */
  readonly child: (() => MessagePlan) | undefined;
}

type MessagePlan = ReadonlyMap<number, FieldPlan>;

/** What a scan has met so far; shared by the scans of one request. */
export interface ScanCount {
  /** Records, and the elements of packed ones. */
  records: number;
  /** Floats among them. */
  floats: number;
  conditions: number;
  /**
   * Whether what would be lost is refused: fields that the descriptor does not know, and keys of maps that an object
   * of JavaScript cannot have.
   */
  readonly isStrict: boolean;
}

export function newScanCount(isStrict = false): ScanCount {
  return { records: 0, floats: 0, conditions: 0, isStrict };
}

const plans = new WeakMap<DescMessage, MessagePlan>();

/**
 * Checks a whole message against its descriptor before it is decoded: every length inside its parent, wire types as
 * declared, text valid UTF-8, lists and depth within their limits. protobuf-es does not check the first two and would
 * read such bytes in another way than Qdrant does. Unknown fields are skipped. Nothing is allocated per element.
 * Throws WireFault(REQUEST_MALFORMED | LIMIT_EXCEEDED) with the path of the field.
 */
export function scanMessage(desc: DescMessage, message: Buffer, count: ScanCount = newScanCount()): void {
  scanRecords(planOf(desc), new Cursor(message), count, 1);
}

/** Decodes what a scan has passed, merging as Qdrant does and leaving unknown fields out. */
export function decodeScanned<Desc extends DescMessage>(schema: Desc, message: Buffer): MessageShape<Desc> {
  try {
    return fromBinary(schema, message, { readUnknownFields: false });
  } catch {
    // The scan is meant to be the stricter one; where it is not, the bytes are the caller's fault all the same.
    throw malformed('cannot be decoded');
  }
}

function scanRecords(plan: MessagePlan, cursor: Cursor, count: ScanCount, depth: number): void {
  if (depth > limits.messageDepth) throw tooMany('', `is nested deeper than ${limits.messageDepth} messages`);
  let elements: Map<FieldPlan, number> | undefined;
  while (!cursor.atEnd) {
    addRecords(count, 1);
    const tag = cursor.tag();
    const field = plan.get(tag >>> 3);
    if (field === undefined) {
      if (count.isStrict) throw unknownField(tag >>> 3);
      // Groups count as messages, as they do in a decoder.
      cursor.skip(tag, depth);
      continue;
    }
    const index = elements?.get(field) ?? 0;
    let added: number;
    try {
      const start = cursor.pos;
      added = scanField(field, tag & 7, cursor, count, depth);
      if (field.isMapKey && count.isStrict) checkKey(cursor, start);
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      throw (field.repeated ? error.within(`[${index}]`) : error).within(field.name);
    }
    if (field.wireType === WireType.fixed32) count.floats += added;
    if (!field.repeated) continue;
    addRecords(count, added - 1);
    if (field.isCondition) addConditions(count);
    if (index + added > field.maxElements)
      throw tooMany(field.name, `has more than ${field.maxElements} elements`);
    elements ??= new Map();
    elements.set(field, index + added);
  }
}

function addRecords(count: ScanCount, added: number): void {
  count.records += added;
  if (count.records - count.floats > limits.records) {
    throw tooMany('', `holds more than ${limits.records} fields`);
  }
  if (count.floats > limits.floats) throw tooMany('', `holds more than ${limits.floats} floats`);
}

/** As checkFilter says it, but before a decoder has made objects of them. */
function addConditions(count: ScanCount): void {
  if (++count.conditions <= limits.filterConditions) return;
  const description = `the filter has more than ${limits.filterConditions} conditions`;
  throw new WireFault('FILTER_INVALID', '', description);
}

/** Returns how many elements the record holds: many only when it is packed. */
function scanField(
  field: FieldPlan,
  wireType: number,
  cursor: Cursor,
  count: ScanCount,
  depth: number,
): number {
  if (wireType !== field.wireType) {
    if (wireType === WireType.bytes && field.repeated) return scanPacked(field.wireType, cursor);
    throw malformed('has the wrong wire type');
  }
  if (field.child !== undefined) {
    const outer = cursor.enter();
    scanRecords(field.child(), cursor, count, depth + 1);
    cursor.leave(outer);
    return 1;
  }
  if (field.numbers !== undefined) {
    checkNumber(field.numbers, Number(BigInt.asIntN(32, cursor.varint())));
    return 1;
  }
  if (!field.isText) {
    cursor.skip(wireType);
    return 1;
  }
  const length = cursor.length();
  cursor.skipBytes(length);
  if (!isText(cursor.buffer, cursor.pos - length, cursor.pos)) throw malformed('is not valid UTF-8');
  return 1;
}

function checkNumber(numbers: ReadonlySet<number>, number: number): void {
  if (numbers.has(number)) return;
  throw new WireFault('FIELD_INVALID', '', `${number} is not one of ${[...numbers].join(', ')}`);
}

function scanPacked(wireType: number, cursor: Cursor): number {
  const outer = cursor.enter();
  const size = cursor.end - cursor.pos;
  let elements = 0;
  if (wireType === WireType.varint) {
    for (; !cursor.atEnd; elements++) cursor.skipVarint();
  } else {
    elements = size / (wireType === WireType.fixed32 ? 4 : 8);
    if (!Number.isInteger(elements)) throw malformed('ends in the middle of a number');
    cursor.pos = cursor.end;
  }
  cursor.leave(outer);
  return elements;
}

function unknownField(number: number): WireFault {
  return new WireFault('FIELD_UNSUPPORTED', '', `field ${number} is not known to this gateway`);
}

// Decoders that make objects of maps lose it.
function checkKey(cursor: Cursor, start: number): void {
  if (!cursor.buffer.subarray(start, cursor.pos).includes(lostKey)) return;
  throw new WireFault('FIELD_UNSUPPORTED', '', 'a key named __proto__ is not supported here');
}

const lostKey = Buffer.from('__proto__');

function tooMany(field: string, description: string): WireFault {
  return new WireFault('LIMIT_EXCEEDED', field, description);
}

function planOf(desc: DescMessage): MessagePlan {
  let plan = plans.get(desc);
  if (plan === undefined) {
    plan = new Map(desc.fields.map((field) => [field.number, planField(field)]));
    plans.set(desc, plan);
  }
  return plan;
}

function planField(field: DescField): FieldPlan {
  const { name } = field;
  if (field.fieldKind === 'map') return planMap(field);
  const repeated = field.fieldKind === 'list';
  const maxElements = maxElementsOf(field);
  const { message } = field;
  if (message !== undefined) {
    return {
      name,
      wireType: WireType.bytes,
      repeated,
      isText: false,
      maxElements,
      isCondition: message.typeName === 'qdrant.Condition',
      isMapKey: false,
      numbers: undefined,
      child: () => planOf(message),
    };
  }
  if (field.enum === undefined) return { ...planScalar(name, field.scalar), repeated, maxElements };
  // A null is a null, whatever its number.
  const isNull = field.enum.name === 'NullValue';
  const numbers = isNull ? undefined : new Set(field.enum.values.map(({ number }) => number));
  return { ...planScalar(name, ScalarType.INT32), repeated, maxElements, numbers };
}

function maxElementsOf(field: DescField): number {
  // Payload values have a budget of their own, and are counted as records here.
  if (field.fieldKind === 'map' || field.message?.typeName === 'qdrant.Value') return limits.records;
  return field.name === 'data' || field.name === 'vector' ? limits.vectorFloats : limits.elements;
}

/** A map is a repeated message with a key 1 and a value 2. */
function planMap(field: DescField & { fieldKind: 'map' }): FieldPlan {
  const { message } = field;
  const value: FieldPlan =
    message === undefined
      ? planScalar('value', field.enum === undefined ? field.scalar : ScalarType.INT32)
      : { ...planScalar('value', ScalarType.BYTES), child: () => planOf(message) };
  const entry: MessagePlan = new Map([
    [1, { ...planScalar('key', field.mapKey), isMapKey: true }],
    [2, value],
  ]);
  const maxElements = maxElementsOf(field);
  return { ...planScalar(field.name, ScalarType.BYTES), repeated: true, maxElements, child: () => entry };
}

function planScalar(name: string, scalar: ScalarType | undefined): FieldPlan {
  const isText = scalar === ScalarType.STRING;
  return {
    name,
    wireType: wireTypeOf(scalar),
    repeated: false,
    isText,
    maxElements: limits.elements,
    isCondition: false,
    isMapKey: false,
    numbers: undefined,
    child: undefined,
  };
}

function wireTypeOf(scalar: ScalarType | undefined): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.bytes;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.fixed64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.fixed32;
    default:
      return WireType.varint;
  }
}
