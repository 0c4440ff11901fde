import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';

/** Numbers from a seed (mulberry32): a property that fails prints the seed, and the seed is the whole case. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  /** True once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) throw new RangeError('nothing to pick from');
    return chosen;
  }
}

export interface ChaosOptions {
  /** How many messages inside each other are filled. */
  readonly depth: number;
  /** Records of a message, at most. */
  readonly records: number;
  /** So many at the top, and none unknown. */
  readonly exactly?: boolean;
  /** Values of fields that should often be valid, by "type.field"; others are drawn by their scalar type. */
  readonly values?: Readonly<Record<string, (chance: Chance) => Scalar>>;
  /** How many floats a packed list has, usually. */
  readonly floats: number;
  /** Fields that are left out, by "type.field". */
  readonly without?: ReadonlySet<string>;
  /** Numbers that must not be used for unknown fields, besides those of the message itself. */
  readonly reserved?: ReadonlySet<number>;
  /** Write lengths and numbers in more bytes than needed, now and then. */
  readonly overlong?: boolean;
}

type Scalar = number | bigint | boolean | string;

export const uuids = [
  '6f3a1c02-9d4e-4b7a-8f21-0c5d6e7f8091',
  '6F3A1C02-9D4E-4B7A-8F21-0C5D6E7F8091',
  '6f3a1c029d4e4b7a8f210c5d6e7f8091',
  'urn:uuid:6f3a1c02-9d4e-4b7a-8f21-0c5d6e7f8091',
  '{6f3a1c02-9d4e-4b7a-8f21-0c5d6e7f8091}',
  '00000000-0000-0000-0000-000000000000',
] as const;

const texts = [
  '',
  'a',
  'title',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '10',
  'ä',
  '漢字',
  '🙂',
  'a\u0000b',
];
const u64s = [0n, 1n, 127n, 128n, 2n ** 31n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
const doubles = [0, -0, 1, -1, 0.5, 1e300, -1e-300, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 4294967295, 4294967296];

/**
 * A legal encoding of some message of the type: any fields in any order, singular ones several times, several members
 * of a oneof, lists packed, unpacked and split, map entries without key or value, unknown fields (groups too).
 */
export function chaosMessage(desc: DescMessage, chance: Chance, options: ChaosOptions): Buffer {
  const fields = desc.fields.filter((field) => options.without?.has(nameOf(field)) !== true);
  const records: Buffer[] = [];
  const count = options.exactly === true ? options.records : chance.below(options.records + 1);
  for (let index = 0; index < count; index++) {
    if (options.exactly !== true && chance.oneIn(9)) records.push(unknownRecord(desc, chance, options));
    else if (fields.length > 0) records.push(...chaosField(chance.pick(fields), chance, options));
  }
  return Buffer.concat(records);
}

function inner(options: ChaosOptions): ChaosOptions {
  return { ...options, depth: options.depth - 1, exactly: false };
}

function nameOf(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}

function chaosField(field: DescField, chance: Chance, options: ChaosOptions): Buffer[] {
  if (field.fieldKind === 'map')
    return [bytesRecord(field.number, mapEntry(field, chance, options), chance, options)];
  if (field.message !== undefined) {
    const shallow = options.depth <= 1;
    const content = shallow ? Buffer.alloc(0) : chaosMessage(field.message, chance, inner(options));
    return [bytesRecord(field.number, content, chance, options)];
  }
  const scalar = field.enum === undefined ? field.scalar : ScalarType.INT32;
  if (scalar === undefined) throw new Error(`no scalar in ${nameOf(field)}`);
  if (field.fieldKind !== 'list')
    return [scalarRecord(field.number, scalar, draw(field, scalar, chance, options), chance, options)];
  const count = scalar === ScalarType.FLOAT && !chance.oneIn(4) ? options.floats : chance.below(4);
  const values = Array.from({ length: count }, () => draw(field, scalar, chance, options));
  if (scalar === ScalarType.STRING || chance.oneIn(3)) {
    return values.map((value) => scalarRecord(field.number, scalar, value, chance, options));
  }
  const cut = chance.oneIn(3) ? chance.below(values.length + 1) : values.length;
  const packed = (part: Scalar[]): Buffer =>
    bytesRecord(
      field.number,
      Buffer.concat(part.map((value) => scalarBytes(scalar, value, chance, options))),
      chance,
      options,
    );
  return cut === values.length ? [packed(values)] : [packed(values.slice(0, cut)), packed(values.slice(cut))];
}

function mapEntry(field: DescField & { fieldKind: 'map' }, chance: Chance, options: ChaosOptions): Buffer {
  const key = (): Buffer => bytesRecord(1, Buffer.from(chance.pick(texts)), chance, options);
  const value = (): Buffer => {
    const { message } = field;
    if (message === undefined) return scalarRecord(2, ScalarType.INT64, 1n, chance, options);
    const content = options.depth <= 1 ? Buffer.alloc(0) : chaosMessage(message, chance, inner(options));
    return bytesRecord(2, content, chance, options);
  };
  if (!chance.oneIn(4)) return Buffer.concat([key(), value()]);
  const parts = Array.from({ length: chance.below(4) }, () =>
    chance.oneIn(4)
      ? varintRecord(chance.pick([3, 99]), 5n, chance, options)
      : chance.oneIn(2)
        ? key()
        : value(),
  );
  return Buffer.concat(parts);
}

function draw(field: DescField, scalar: ScalarType, chance: Chance, options: ChaosOptions): Scalar {
  const own = options.values?.[nameOf(field)];
  if (own !== undefined) return own(chance);
  if (field.enum !== undefined) return chance.pick(field.enum.values).number;
  switch (scalar) {
    case ScalarType.STRING:
      return chance.pick(texts);
    case ScalarType.BOOL:
      return chance.oneIn(2);
    case ScalarType.FLOAT:
      return Math.fround(chance.pick([0, -0, 1, -2.5, 3.4e38, 1e-40]));
    case ScalarType.DOUBLE:
      return chance.pick(doubles);
    case ScalarType.INT64:
      return BigInt.asIntN(64, chance.pick(u64s));
    case ScalarType.UINT64:
      return chance.pick(u64s);
    case ScalarType.INT32:
      return chance.pick([0, 1, -1, 2147483647]);
    default:
      return chance.below(1000);
  }
}

function scalarRecord(
  field: number,
  scalar: ScalarType,
  value: Scalar,
  chance: Chance,
  options: ChaosOptions,
): Buffer {
  const content = scalarBytes(scalar, value, chance, options);
  if (scalar === ScalarType.STRING) return bytesRecord(field, content, chance, options);
  const wireType = scalar === ScalarType.FLOAT ? 5 : scalar === ScalarType.DOUBLE ? 1 : 0;
  return Buffer.concat([tag(field, wireType, chance, options), content]);
}

function scalarBytes(scalar: ScalarType, value: Scalar, chance: Chance, options: ChaosOptions): Buffer {
  switch (scalar) {
    case ScalarType.STRING:
      return Buffer.from(String(value));
    case ScalarType.FLOAT: {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(Number(value));
      return bytes;
    }
    case ScalarType.DOUBLE: {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value));
      return bytes;
    }
    default:
      return varint(BigInt.asUintN(64, BigInt(value)), 10, chance, options);
  }
}

function bytesRecord(field: number, content: Buffer, chance: Chance, options: ChaosOptions): Buffer {
  return Buffer.concat([
    tag(field, 2, chance, options),
    varint(BigInt(content.length), 5, chance, options),
    content,
  ]);
}

function varintRecord(field: number, value: bigint, chance: Chance, options: ChaosOptions): Buffer {
  return Buffer.concat([tag(field, 0, chance, options), varint(value, 10, chance, options)]);
}

function unknownRecord(desc: DescMessage, chance: Chance, options: ChaosOptions): Buffer {
  const known = new Set(desc.fields.map(({ number }) => number));
  const free = [77, 900, 5000, 19_999, 536_870_911].filter(
    (number) => !known.has(number) && options.reserved?.has(number) !== true,
  );
  const field = chance.pick(free);
  switch (chance.below(5)) {
    case 0:
      return varintRecord(field, chance.pick(u64s), chance, options);
    case 1:
      return Buffer.concat([tag(field, 1, chance, options), Buffer.alloc(8, 7)]);
    case 2:
      return Buffer.concat([tag(field, 5, chance, options), Buffer.alloc(4, 7)]);
    case 3:
      return bytesRecord(field, Buffer.from([1, 2, 3]), chance, options);
    default:
      return Buffer.concat([
        tag(field, 3, chance, options),
        varintRecord(1, 1n, chance, options),
        tag(field, 4, chance, options),
      ]);
  }
}

function tag(field: number, wireType: number, chance: Chance, options: ChaosOptions): Buffer {
  return varint(BigInt(field * 8 + wireType), 5, chance, options);
}

function varint(value: bigint, maxBytes: number, chance: Chance, options: ChaosOptions): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  const last = bytes.length - 1;
  if (options.overlong === true && bytes.length < maxBytes && chance.oneIn(5)) {
    bytes[last] = (bytes[last] ?? 0) | 0x80;
    const zeros = chance.below(maxBytes - bytes.length);
    for (let index = 0; index < zeros; index++) bytes.push(0x80);
    bytes.push(0);
  }
  return Buffer.from(bytes);
}
