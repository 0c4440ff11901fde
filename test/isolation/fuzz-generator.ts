import { create, type DescField, type DescMessage, ScalarType, toBinary } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { Random } from './fuzz-random.js';
import { type Pools, units } from './fuzz-world.js';
import { carriesCollection } from './qdrant-names.js';

/** Makes messages from their descriptors: well formed, mostly sensible, with names and ids out of a tenant's pools. */
export class Generator {
  readonly #random: Random;
  readonly #pools: Pools;
  /** How likely a name is a hostile one. */
  readonly #hostility: number;

  constructor(random: Random, pools: Pools, hostility: number) {
    this.#random = random;
    this.#pools = pools;
    this.#hostility = hostility;
  }

  encode(desc: DescMessage): Buffer {
    return Buffer.from(toBinary(desc, this.#message(desc, 0).message));
  }

  name(): string {
    const { names, hostileNames } = this.#pools;
    return this.#random.pick(this.#random.chance(this.#hostility) ? hostileNames : names);
  }

  #message(desc: DescMessage, depth: number): ReflectMessage {
    const message = reflect(desc, create(desc));
    for (const field of desc.fields) {
      if (field.oneof === undefined && this.#isWanted(field, depth)) this.#set(message, field, depth);
    }
    for (const { fields } of desc.oneofs) {
      // Deep down only what has no message in it, so that it ends.
      const choices = depth < deepest ? fields : fields.filter((field) => field.message === undefined);
      const isUsual = fields.length > 1 || this.#random.chance(0.3);
      if (choices.length > 0 && isUsual && this.#random.chance(0.95)) {
        this.#set(message, this.#random.pick(choices), depth);
      }
    }
    return message;
  }

  #isWanted(field: DescField, depth: number): boolean {
    if (refusedEverywhere.test(field.name)) return this.#random.chance(0.02);
    if (depth === 0 && field.number <= 3) return this.#random.chance(0.95);
    if (depth >= deepest && field.message !== undefined) return false;
    if (needed.test(field.name)) return this.#random.chance(0.9);
    return this.#random.chance(depth === 0 ? 0.25 : 0.3);
  }

  #set(message: ReflectMessage, field: DescField, depth: number): void {
    if (field.fieldKind === 'list') {
      const list = message.get(field);
      const elements =
        field.scalar === ScalarType.FLOAT ? this.#vector(message.desc) : this.#several(field, depth);
      for (const element of elements) list.add(element);
    } else if (field.fieldKind === 'map') {
      const map = message.get(field);
      for (const value of this.#several(field, depth))
        map.set(field.mapKey === ScalarType.STRING ? this.#key() : 1, value);
    } else {
      message.set(field, this.#value(field, depth));
    }
  }

  #several(field: DescField, depth: number): unknown[] {
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#value(field, depth));
  }

  #value(field: DescField, depth: number): unknown {
    if (field.message !== undefined) return this.#message(field.message, depth + 1);
    if (field.enum !== undefined) return this.#random.pick(field.enum.values).number;
    switch (field.scalar) {
      case ScalarType.STRING:
        return this.#text(field);
      case ScalarType.BYTES:
        return Buffer.from(this.#random.pick(this.#pools.words));
      case ScalarType.BOOL:
        return this.#random.chance(0.7);
      case ScalarType.FLOAT:
      case ScalarType.DOUBLE:
        return this.#random.pick(field.scalar === ScalarType.FLOAT ? floats : doubles);
      default:
        return this.#integer(field);
    }
  }

  #text(field: DescField): string {
    if (carriesCollection(field)) return this.name();
    if (field.name === 'uuid') return this.#random.pick(this.#pools.uuids);
    if (field.name === 'using' || field.name === 'vector_name')
      return this.#random.chance(0.8) ? '' : 'image';
    if (pathLike.test(field.name)) return this.#key();
    return this.#random.pick(this.#pools.words);
  }

  #key(): string {
    return this.#random.chance(0.6) ? 'kind' : this.#random.pick(this.#pools.paths);
  }

  #integer(field: DescField): number | bigint {
    const isLong = longs.has(field.scalar ?? ScalarType.INT32);
    if (field.name === 'num') return this.#random.pick(this.#pools.ids);
    if (field.name === 'size' || field.name === 'vector_size') return isLong ? 4n : 4;
    const value = this.#random.chance(0.85) ? this.#random.below(12) : this.#random.pick(extremes);
    return isLong ? BigInt(value) : value;
  }

  /** A vector that is written has the tenant's mark in it, and one that is searched with brings the mark to light. */
  #vector({ typeName }: DescMessage): number[] {
    const unit: number[] = [...this.#random.pick(units)];
    if (this.#random.chance(0.03)) unit.pop();
    if (this.#random.chance(0.02)) unit[0] = Number.NaN;
    return isSearched.test(typeName) ? unit : unit.map((one) => one * this.#pools.float);
  }
}

const deepest = 5;
const floats = [0, 0.5, 1, -1, 3.25, Number.NaN, Number.POSITIVE_INFINITY];
const doubles = [...floats, 1e300, -90, 180.5];
const extremes = [0, 255, 65_536, 2 ** 31 - 1];
const longs: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);
/** What the gateway refuses wherever it is: mostly left out, so that requests come further. */
const refusedEverywhere = /shard|^(document|image|object)$|wal_config/;
const needed = /^(id|limit|sample|points|ids|vector|vectors|data|query|positive|target|key|size|collection)/;
const pathLike = /(^|_)(keys?|fields?|to|group_by|field_name)$/;
const isSearched = /Search|Query|Recommend|Discover/;
