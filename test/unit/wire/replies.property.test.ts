import { create, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import {
  type Value as GoogleValue,
  ValueSchema as GoogleValueSchema,
  StructSchema,
} from '@bufbuild/protobuf/wkt';
import {
  GetResponseSchema,
  type RetrievedPoint,
  type ScoredPoint,
  ScrollResponseSchema,
  SearchResponseSchema,
  type Value,
} from '@qdrant/js-client-grpc';
import fc from 'fast-check';
import { keepFields, payloadsToStruct } from '../../../src/wire/index.js';
import { lengthField, varintField } from '../../support/wire-bytes.js';
import { Chance, type ChaosOptions, chaosMessage } from './chaos.js';
import { canonical, decoded, encoded, refusal, unknownStruct } from './oracle.js';

const chaos: ChaosOptions = { depth: 7, records: 5, floats: 2 };
const seeds = fc.integer({ min: 0, max: 0xffffffff });

/** Qdrant's values as google.protobuf.Value: the reference, in objects. */
function toGoogle({ kind }: Value): GoogleValue {
  switch (kind.case) {
    case 'boolValue':
    case 'stringValue':
      return create(GoogleValueSchema, { kind });
    case 'doubleValue':
    case 'integerValue':
      return create(GoogleValueSchema, { kind: { case: 'numberValue', value: Number(kind.value) } });
    case 'listValue':
      return create(GoogleValueSchema, {
        kind: { case: 'listValue', value: { values: kind.value.values.map(toGoogle) } },
      });
    case 'structValue': {
      const value = create(GoogleValueSchema, { kind: { case: 'structValue', value: {} } });
      if (value.kind.case === 'structValue') fill(value.kind.value.fields, kind.value.fields);
      return value;
    }
    default:
      return create(GoogleValueSchema, { kind: { case: 'nullValue', value: 0 } });
  }
}

function fill(target: Record<string, GoogleValue>, source: Record<string, Value>): void {
  for (const [key, value] of Object.entries(source)) {
    Object.defineProperty(target, key, {
      value: toGoogle(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

type Point = ScoredPoint | RetrievedPoint;

const replies: readonly (readonly [string, DescMessage, 1 | 2])[] = [
  ['Search', SearchResponseSchema, 1],
  ['Get', GetResponseSchema, 1],
  ['Scroll', ScrollResponseSchema, 2],
];

describe.each(replies)('payloads of a %s reply', (_name, schema, pointsField) => {
  const pointType = schema.fields.find(({ number }) => number === pointsField)?.message;
  if (pointType === undefined) throw new Error('the reply has no points');

  it('become plain JSON, and nothing else changes', () => {
    let payloads = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = new Chance(seed);
        const points = Array.from({ length: chance.below(4) }, () => chaosMessage(pointType, chance, chaos));
        const rest = chaosMessage(schema, chance, {
          ...chaos,
          without: new Set([`${schema.typeName}.result`]),
        });
        const reply = Buffer.concat([rest, ...points.map((point) => lengthField(pointsField, point))]);
        const shown = payloadsToStruct(reply, pointsField);
        const before = pointsOf(schema, reply);
        const after = pointsOf(schema, shown);
        expect(after).toHaveLength(before.length);
        before.forEach((point, index) => {
          const bytes = encoded(pointType, after[index] ?? point);
          const struct = unknownStruct(pointType, bytes, 1001);
          const expected = create(StructSchema);
          fill(expected.fields, point.payload);
          if (Object.keys(point.payload).length > 0) payloads++;
          else expect(struct).toBeUndefined();
          expect(encoded(StructSchema, struct ?? create(StructSchema))).toEqual(
            encoded(StructSchema, expected),
          );
          point.payload = {};
          expect(encoded(pointType, decoded(pointType, bytes))).toEqual(
            encoded(pointType, decoded(pointType, encoded(pointType, point))),
          );
        });
        const others = schema.fields.map(({ number }) => number).filter((number) => number !== pointsField);
        expect(canonical(schema, keepFields(shown, others))).toEqual(
          canonical(schema, keepFields(reply, others)),
        );
      }),
      { numRuns: 800 },
    );
    expect(payloads).toBeGreaterThan(100);
  });

  it('keep the kept fields of a reply, whatever their order', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const reply = chaosMessage(schema, new Chance(seed), chaos);
        const kept = [1, 2].slice(0, pointsField);
        const shown = fromBinary(schema, keepFields(reply, kept));
        const whole = fromBinary(schema, reply);
        const empty = create(schema);
        expect(shown.$unknown ?? []).toEqual([]);
        for (const { localName, number } of schema.fields) {
          expect(Reflect.get(shown, localName)).toEqual(
            Reflect.get(kept.includes(number) ? whole : empty, localName),
          );
        }
      }),
      { numRuns: 400 },
    );
  });
});

function pointsOf(schema: DescMessage, reply: Uint8Array): Point[] {
  const result: unknown = Reflect.get(fromBinary(schema, reply), 'result');
  // Every reply here has its points in `result`.
  return result as Point[];
}

describe('a reply', () => {
  it('that is kept from its first byte is not copied', () => {
    const reply = Buffer.concat([lengthField(1, Buffer.from([1])), varintField(2, 7)]);
    const kept = keepFields(reply, [1]);
    expect(kept.buffer).toBe(reply.buffer);
    expect(kept.byteOffset).toBe(reply.byteOffset);
    expect(keepFields(reply, [1, 2])).toBe(reply);
  });

  it('that cannot be read is the backend’s fault, not the caller’s', () => {
    const cut = lengthField(1, Buffer.from('abc')).subarray(0, 4);
    expect(refusal(() => keepFields(cut, [1]))?.reason).toBe('BACKEND_ERROR');
    expect(refusal(() => payloadsToStruct(cut, 1))?.reason).toBe('BACKEND_ERROR');
  });
});
