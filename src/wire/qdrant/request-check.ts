import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';
import type { Condition, Filter, PointId, SparseVector, Value } from '@qdrant/js-client-grpc';
import { fieldError } from '../../errors/index.js';
import { excerpt } from '../fault.js';
import { checkCondition, checkFilter } from '../filter.js';
import { isJsonPath, jsonPathRule } from '../json-path.js';
import { limits } from '../limits.js';
import { checkPointId } from '../point-id.js';
import { dimensionFault, notFiniteFloat } from '../point-walk.js';
import { type Face, qdrantFace } from './face.js';
import { isMet } from './needs.js';
import type { Range } from './number-rules.js';
import { type FieldStep, keyOf, type MessagePlan, planOf } from './plan.js';
import { checkSparse } from './sparse.js';
import type { TextRule } from './text-rules.js';
import { checkValue } from './value-check.js';

/** A place in a request that names a collection or an alias, beside the outermost. */
export interface NameReference {
  /** As the caller wrote it. */
  readonly name: string;
  /** Its path in the request. */
  readonly field: string;
  /** Whether it is read from, and so has to exist. */
  readonly isRead: boolean;
  /** Puts the backend's name there. */
  write(name: string): void;
}

/** The vectors of the collection, by their names; the one without is ''. */
export interface KnownVectors {
  /** Floats in each dense one. */
  readonly denseSizes: ReadonlyMap<string, number>;
  /** All, sparse ones too. */
  readonly vectorNames: ReadonlySet<string>;
}

/** The vector that a part of a request is about. */
interface Using {
  readonly name: string;
  /** Where it is, or would be, named. */
  readonly path: string;
}

/**
 * Looks at every field of a decoded request of Qdrant's protocol, at any depth: names are collected, filters, ids,
 * vectors, numbers and payload values are checked, and what no rule knows is refused. `own` is the collection of the
 * call, and the only one that a part of a batch may name.
 * Throws GatewayError with the path of the field.
 */
export function checkQdrantRequest(
  desc: DescMessage,
  message: Message,
  own: string,
  vectors: KnownVectors | undefined,
  face: Face = qdrantFace,
): NameReference[] {
  const check = new RequestCheck(own, vectors, face);
  check.message(planOf(desc), asRecord(message), '', { name: '', path: '' }, 1);
  return check.references;
}

type Fields = Record<string, unknown>;

class RequestCheck {
  readonly references: NameReference[] = [];
  readonly #own: string;
  readonly #vectors: KnownVectors | undefined;
  readonly #face: Face;
  #prefetches = 0;

  constructor(own: string, vectors: KnownVectors | undefined, face: Face) {
    this.#own = own;
    this.#vectors = vectors;
    this.#face = face;
  }

  message(plan: MessagePlan, fields: Fields, path: string, outerUsing: Using, depth: number): void {
    if (depth > limits.messageDepth) {
      throw fieldError('LIMIT_EXCEEDED', path, `is nested deeper than ${limits.messageDepth} messages`);
    }
    if (this.#face.refusesLacks) this.#needs(plan, fields, path);
    const using = plan.using === undefined ? outerUsing : this.#usingIn(plan.using, fields, path);
    if (plan.compares) this.#checkName(using);
    if (plan.isSparse) checkSparse(fields as unknown as SparseVector, path);
    for (const step of plan.steps) {
      const value = setValue(fields, step);
      if (value === undefined) continue;
      const name = this.#face.nameOf(step.field);
      const at = path === '' ? name : `${path}.${name}`;
      this.#field(step, value, fields, at, using, depth);
    }
  }

  #usingIn(field: DescField, fields: Fields, path: string): Using {
    const name = this.#face.nameOf(field);
    return { name: String(fields[field.localName] ?? ''), path: path === '' ? name : `${path}.${name}` };
  }

  #checkName({ name, path }: Using): void {
    if (this.#vectors === undefined || this.#vectors.vectorNames.has(name)) return;
    const names = [...this.#vectors.vectorNames].filter(Boolean).sort().slice(0, 20).join(', ');
    const rule = names === '' ? 'its vector has no name' : `it has ${names}`;
    const lack = name === '' ? 'no vector without a name' : `no vector "${excerpt(name)}"`;
    throw fieldError('VECTOR_NAME_UNKNOWN', path, `the collection has ${lack}; ${rule}`);
  }

  #needs(plan: MessagePlan, fields: Fields, path: string): void {
    for (const need of plan.needs) {
      if (isMet(need, fields)) continue;
      const field = need.field && this.#face.nameOf(need.field);
      throw fieldError(need.reason, [path, field].filter(Boolean).join('.'), need.why);
    }
  }

  #field(step: FieldStep, value: unknown, fields: Fields, path: string, using: Using, depth: number): void {
    const { field, rule, maxElements } = step;
    if (rule.kind === 'floats') {
      this.#floats(
        value as readonly number[],
        rule.isDense ? this.#expected(fields, using.name) : undefined,
        path,
      );
    } else if (field.fieldKind === 'list') {
      const list = value as unknown[];
      checkLength(list.length, maxElements, path);
      list.forEach((element, index) => {
        const write = (name: string): void => {
          list[index] = name;
        };
        this.#value(step, element, `${path}[${index}]`, using, depth, write);
      });
    } else if (field.fieldKind === 'map') {
      const isNamed = keyOf(field) === 'NamedVectors.vectors';
      const entries = Object.entries(value as Fields);
      checkLength(entries.length, maxElements, path);
      for (const [key, element] of entries) {
        this.#value(
          step,
          element,
          `${path}.${key}`,
          isNamed ? { name: key, path } : using,
          depth,
          refuseWrite,
        );
      }
    } else {
      this.#value(step, value, path, using, depth, (name) => {
        fields[field.localName] = name;
      });
    }
  }

  #value(
    step: FieldStep,
    value: unknown,
    path: string,
    using: Using,
    depth: number,
    write: (name: string) => void,
  ): void {
    const { rule } = step;
    switch (rule.kind) {
      case 'refused':
        throw fieldError('FIELD_UNSUPPORTED', path, rule.why);
      case 'text':
        this.#text(rule.rule, String(value), path, write, depth);
        return;
      case 'number':
        checkNumber(rule.range, value as number | bigint, path);
        return;
      case 'filter':
        checkFilter(value as Filter, path);
        return;
      case 'write filter':
        // An empty filter matches everything: whoever wants that deletes the collection.
        checkFilter(value as Filter, path, { allowEmpty: false });
        return;
      case 'condition':
        checkCondition(value as Condition, path);
        return;
      case 'id':
        checkPointId(value as PointId, path);
        return;
      case 'data':
        checkValue(value as Value, path);
        return;
      case 'message':
        if (rule.desc.typeName === 'qdrant.PrefetchQuery') this.#countPrefetch(path);
        this.message(planOf(rule.desc), asRecord(value as Message), path, using, depth + 1);
    }
  }

  // Each is a search of its own, and they are inside each other.
  #countPrefetch(path: string): void {
    if (++this.#prefetches > limits.prefetches) {
      throw fieldError('LIMIT_EXCEEDED', path, `at most ${limits.prefetches} prefetches in one request`);
    }
  }

  #text(rule: TextRule, text: string, path: string, write: (name: string) => void, depth: number): void {
    if (rule === 'path' && !isJsonPath(text)) throw fieldError('FIELD_INVALID', path, jsonPathRule);
    if (rule === 'own' && depth > 1 && text !== this.#own) {
      throw fieldError('FIELD_INVALID', path, 'must be the collection of the call, or be left out');
    }
    if (rule === 'reference' || (rule === 'own' && depth > 1)) {
      this.references.push({ name: text, field: path, isRead: !path.endsWith('alias_name'), write });
    }
  }

  /** Floats that a dense vector in these fields must have. */
  #expected(fields: Fields, using: string): number | undefined {
    const floats = this.#vectors?.denseSizes.get(using);
    const rows = fields.vectorsCount;
    // The old form of a multivector: its rows one after the other.
    return floats !== undefined && typeof rows === 'number' ? floats * rows : floats;
  }

  #floats(data: readonly number[], expected: number | undefined, path: string): void {
    if (expected !== undefined && data.length !== expected) {
      throw dimensionFault(data.length, expected, path).toGatewayError();
    }
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw notFiniteFloat(`${path}[${bad}]`).toGatewayError();
  }
}

function checkLength(length: number, max: number, path: string): void {
  if (length > max) throw fieldError('LIMIT_EXCEEDED', path, `has ${length} elements, at most ${max}`);
}

function refuseWrite(): never {
  throw new TypeError('no key of a map is the name of a collection');
}

function checkNumber({ min, max, hint }: Range, value: number | bigint, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw fieldError('FIELD_INVALID', path, 'must be a finite number');
  }
  if (min !== undefined && value < min) {
    throw fieldError('FIELD_INVALID', path, `must be at least ${min}, not ${value}`);
  }
  if (max !== undefined && value > max) {
    const advice = hint === undefined ? '' : `; ${hint}`;
    throw fieldError('LIMIT_EXCEEDED', path, `at most ${max}, not ${value}${advice}`);
  }
}

// FeatureSet.FieldPresence.IMPLICIT of descriptor.proto.
const implicit = 2;

/** Undefined for what is not set; a scalar without presence is not set when it is its zero. */
function setValue(fields: Fields, { field }: FieldStep): unknown {
  if (field.oneof !== undefined) {
    const choice = fields[field.oneof.localName] as { case?: string; value?: unknown } | undefined;
    return choice?.case === field.localName ? choice.value : undefined;
  }
  const value = fields[field.localName];
  if (value === '') return undefined;
  if ((value === 0 || value === 0n) && field.presence === implicit) return undefined;
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

// Messages of protobuf-es are plain objects; their types name each field, and this code takes any.
function asRecord(message: Message): Fields {
  return message as unknown as Fields;
}
