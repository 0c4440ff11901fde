import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type PointIdSchema,
  PointStructSchema,
  type ValueSchema,
  type VectorsSchema,
} from '@qdrant/js-client-grpc';
import { Point } from '../../../src/gen/vectorgateway/v1/points.js';
import { checkPoints, checkPointVectors, readPointsEnvelope } from '../../../src/wire/index.js';
import { lengthField, varintField } from '../../support/wire-bytes.js';
import { decoded, refusal } from './oracle.js';

type ValueInit = MessageInitShape<typeof ValueSchema>;

interface PointInit {
  readonly id?: MessageInitShape<typeof PointIdSchema>;
  readonly vectors?: MessageInitShape<typeof VectorsSchema>;
  readonly payload?: Record<string, ValueInit>;
}

const dense = (...data: number[]): PointInit['vectors'] => ({
  vectorsOptions: { case: 'vector', value: { vector: { case: 'dense', value: { data } } } },
});

/** An encoded point: id 7 and two floats unless told otherwise. */
function pointOf(init: PointInit = {}): Buffer {
  const id = { pointIdOptions: { case: 'num' as const, value: 7n } };
  return Buffer.from(
    toBinary(PointStructSchema, create(PointStructSchema, { id, vectors: dense(1, 2), ...init })),
  );
}

const withPayload = (value: ValueInit): Buffer => pointOf({ payload: { title: value } });
const num = (value: bigint): PointInit => ({ id: { pointIdOptions: { case: 'num', value } } });
const uuid = (value: string): PointInit => ({ id: { pointIdOptions: { case: 'uuid', value } } });

const idOf = (bytes: Uint8Array | undefined) =>
  decoded(PointStructSchema, bytes ?? Buffer.alloc(0)).id?.pointIdOptions;

function floatsRecord(field: number, floats: readonly number[]): Buffer {
  const bytes = Buffer.alloc(floats.length * 4);
  floats.forEach((float, index) => {
    bytes.writeFloatLE(float, index * 4);
  });
  return lengthField(field, bytes);
}

function plainPoint(floats: readonly number[]): Buffer {
  return Buffer.concat([lengthField(1, varintField(1, 7)), floatsRecord(2, floats)]);
}

const nested = (depth: number, inner: ValueInit): ValueInit =>
  depth === 0 ? inner : { kind: { case: 'listValue', value: { values: [nested(depth - 1, inner)] } } };

describe('vectors', () => {
  const size = 9;
  const good = Array.from({ length: size }, (_, index) => index);

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'with %d at any position are refused there',
    (bad) => {
      for (let at = 0; at < size; at++) {
        const floats = good.with(at, bad);
        const points = [plainPoint(good), plainPoint(floats), pointOf({ vectors: dense(...floats) })];
        const { checked, rejected } = checkPoints(points, size);
        expect(checked.map(({ index }) => index)).toEqual([0]);
        expect(rejected.map(({ index, reason, field, id }) => ({ index, reason, field, id }))).toEqual([
          { index: 1, reason: 'VECTOR_NOT_FINITE', field: `vector[${at}]`, id: { num: 7n } },
          {
            index: 2,
            reason: 'VECTOR_NOT_FINITE',
            field: `vectors.vector.dense.data[${at}]`,
            id: { num: 7n },
          },
        ]);
      }
    },
  );

  it('of any other length are refused with both lengths', () => {
    for (const count of [1, size - 1, size + 1, 2 * size]) {
      const { rejected } = checkPoints([plainPoint(Array(count).fill(1))], size);
      expect(rejected[0]).toMatchObject({ reason: 'VECTOR_DIMENSION_MISMATCH', field: 'vector' });
      expect(rejected[0]?.message).toContain(`${count} floats`);
      expect(rejected[0]?.message).toContain(`is ${size}`);
    }
  });

  it('that end in the middle of a float are refused', () => {
    const cut = Buffer.concat([lengthField(1, varintField(1, 7)), lengthField(2, Buffer.alloc(7))]);
    expect(checkPoints([cut], 2).rejected[0]).toMatchObject({ reason: 'POINT_INVALID', field: 'vector' });
  });

  it('keep negative zero and the largest float, bit for bit', () => {
    const floats = [-0, 3.4028234663852886e38];
    const { checked } = checkPoints([plainPoint(floats)], 2);
    const sent = decoded(PointStructSchema, checked[0]?.bytes ?? Buffer.alloc(0)).vectors?.vectorsOptions;
    const data =
      sent?.case === 'vector' && sent.value.vector.case === 'dense' ? sent.value.vector.value.data : [];
    expect(data.every((value, index) => Object.is(value, floats[index]))).toBe(true);
  });

  it('in two forms at once, of other kinds or missing are refused by name', () => {
    const both = Buffer.concat([plainPoint([1, 2]), pointOf()]);
    const named: PointInit['vectors'] = { vectorsOptions: { case: 'vectors', value: { vectors: {} } } };
    const sparse: PointInit['vectors'] = {
      vectorsOptions: {
        case: 'vector',
        value: { vector: { case: 'sparse', value: { values: [1], indices: [1] } } },
      },
    };
    const points = [
      both,
      pointOf({ vectors: named }),
      pointOf({ vectors: sparse }),
      pointOf({ vectors: undefined }),
    ];
    expect(checkPoints(points, 2).rejected.map(({ reason, field }) => [reason, field])).toEqual([
      ['POINT_INVALID', 'vectors'],
      ['FIELD_UNSUPPORTED', 'vectors.vectors'],
      ['FIELD_UNSUPPORTED', 'vectors.vector.sparse'],
      ['VECTOR_MISSING', 'vector'],
    ]);
  });
});

describe('ids', () => {
  it.each([0n, 2n ** 49n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])('%d arrives exactly', (value) => {
    const { checked } = checkPoints([pointOf(num(value))], 2);
    expect(checked[0]?.key).toBe(`n:${value}`);
    expect(idOf(checked[0]?.bytes)).toEqual({ case: 'num', value });
  });

  const canonical = '6f3a1c02-9d4e-4b7a-8f21-0c5d6e7f8091';
  it.each([
    canonical,
    canonical.toUpperCase(),
    canonical.replaceAll('-', ''),
    `urn:uuid:${canonical}`,
    `{${canonical}}`,
  ])('%s is sent as the UUID that Qdrant prints', (text) => {
    const { checked } = checkPoints([pointOf(uuid(text))], 2);
    expect(checked[0]?.key).toBe(`u:${canonical}`);
    expect(idOf(checked[0]?.bytes)).toEqual({ case: 'uuid', value: canonical });
  });

  it.each(['doc-17', '', `{${canonical}`, `${canonical}0`, 'g'.repeat(32), '🙂'])(
    '"%s" is refused with the advice to derive a UUID',
    (text) => {
      const { rejected } = checkPoints([pointOf(uuid(text))], 2);
      expect(rejected[0]).toMatchObject({ reason: 'POINT_ID_INVALID', field: 'id.uuid' });
      expect(rejected[0]?.message).toContain('derive a UUID');
    },
  );

  it('that are missing or not valid UTF-8 are refused', () => {
    const invalid = Buffer.concat([
      lengthField(1, lengthField(2, Buffer.from([0xc3, 0x28]))),
      floatsRecord(2, [1, 2]),
    ]);
    const points = [pointOf({ id: undefined }), pointOf({ id: {} }), invalid];
    expect(checkPoints(points, 2).rejected.map(({ reason, field }) => [reason, field])).toEqual([
      ['POINT_ID_INVALID', 'id'],
      ['POINT_ID_INVALID', 'id'],
      ['POINT_INVALID', 'id.uuid'],
    ]);
  });
});

describe('payloads', () => {
  const text = (value: string): ValueInit => ({ kind: { case: 'stringValue', value } });

  it('keep keys such as __proto__, constructor and the empty one, and the last of two equal keys', () => {
    const entry = (key: string, value: string): Buffer =>
      lengthField(3, Buffer.concat([lengthField(1, key), lengthField(2, lengthField(4, value))]));
    const keys = ['__proto__', 'constructor', '', '🙂'];
    const point = Buffer.concat([
      pointOf(),
      ...keys.map((key) => entry(key, 'first')),
      ...keys.map((key) => entry(key, key)),
    ]);
    const { payload } = decoded(
      PointStructSchema,
      checkPoints([point], 2).checked[0]?.bytes ?? Buffer.alloc(0),
    );
    expect(Object.keys(payload).sort()).toEqual([...keys].sort());
    for (const key of keys) expect(payload[key]?.kind).toEqual({ case: 'stringValue', value: key });
  });

  it.each([
    ['a key', Buffer.concat([lengthField(1, Buffer.from([0xff])), lengthField(2, lengthField(4, 'x'))])],
    [
      'a value',
      Buffer.concat([lengthField(1, 'k'), lengthField(2, lengthField(4, Buffer.from([0xed, 0xa0, 0x80])))]),
    ],
  ])('with %s that is not valid UTF-8 are refused, and their neighbours are not', (_what, entry) => {
    const { checked, rejected } = checkPoints(
      [pointOf(), Buffer.concat([pointOf(), lengthField(3, entry)]), pointOf()],
      2,
    );
    expect(checked.map(({ index }) => index)).toEqual([0, 2]);
    expect(rejected[0]).toMatchObject({ index: 1, reason: 'PAYLOAD_INVALID' });
    expect(rejected[0]?.field).toMatch(/^payload/);
  });

  it('nested 32 levels deep are stored, 33 are refused with their path', () => {
    expect(checkPoints([withPayload(nested(32, text('x')))], 2).rejected).toEqual([]);
    const { rejected } = checkPoints([withPayload(nested(33, text('x')))], 2);
    expect(rejected[0]).toMatchObject({ reason: 'PAYLOAD_INVALID' });
    expect(rejected[0]?.field).toMatch(/^payload\.title/);
    expect(rejected[0]?.message).toContain('32');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'with %d are refused with the path of the value',
    (value) => {
      const inner: ValueInit = { kind: { case: 'doubleValue', value } };
      const struct: ValueInit = { kind: { case: 'structValue', value: { fields: { pages: inner } } } };
      const { rejected } = checkPoints([withPayload(struct)], 2);
      expect(rejected[0]).toMatchObject({ reason: 'PAYLOAD_INVALID', field: 'payload.title.pages' });
    },
  );

  it('with a Value of no kind, and an empty list and object, are sent as they are', () => {
    const values: ValueInit[] = [
      {},
      { kind: { case: 'listValue', value: {} } },
      { kind: { case: 'structValue', value: {} } },
    ];
    const points = values.map(withPayload);
    expect(checkPoints(points, 2).checked.map(({ bytes }) => Buffer.from(bytes))).toEqual(points);
  });

  it('given in both forms are refused', () => {
    const struct = Point.encode(
      Point.fromPartial({
        payloadStruct: { fields: new Map([['a', { kind: { $case: 'numberValue' as const, value: 1 } }]]) },
      }),
    ).finish();
    const { rejected } = checkPoints([Buffer.concat([withPayload(text('x')), struct])], 2);
    expect(rejected[0]).toMatchObject({ reason: 'POINT_INVALID', field: 'payload_struct' });
  });
});

describe('the good points of a message', () => {
  it('share the caller’s bytes when nothing has to be changed', () => {
    const point = pointOf();
    expect(checkPoints([point], 2).checked[0]?.bytes).toBe(point);
  });

  it('are checked once each, however many are bad', () => {
    const points = Array.from({ length: 1000 }, (_, index) =>
      index % 3 === 0 ? plainPoint([1]) : plainPoint([1, 2]),
    );
    const { checked, rejected } = checkPoints(points, 2);
    expect(rejected.map(({ index }) => index)).toEqual(
      points.flatMap((_, index) => (index % 3 === 0 ? [index] : [])),
    );
    expect(checked).toHaveLength(1000 - rejected.length);
  });

  it('of UpdateVectors may have no payload, and need an id', () => {
    const vectors = Buffer.concat([lengthField(1, varintField(1, 7)), floatsRecord(1001, [1, 2])]);
    expect(checkPointVectors([vectors], 2).checked[0]?.key).toBe('n:7');
    expect(checkPointVectors([floatsRecord(1001, [1, 2])], 2).rejected[0]).toMatchObject({
      reason: 'POINT_ID_INVALID',
    });
  });
});

describe('the envelope of points', () => {
  it.each([
    ['shard_key_selector', 5],
    ['update_filter', 6],
    ['timeout', 7],
    ['update_mode', 8],
  ])('with %s, which only Qdrant declares, is refused by its name', (name, field) => {
    const error = refusal(() =>
      readPointsEnvelope(Buffer.concat([lengthField(1, 'docs'), lengthField(field, '')])),
    );
    expect(error).toMatchObject({ reason: 'FIELD_UNSUPPORTED' });
    expect(error?.violations[0]?.field).toBe(name);
  });

  it('has an ordering that Qdrant knows', () => {
    const ordering = (type: number): Buffer => lengthField(4, varintField(1, type));
    expect(readPointsEnvelope(ordering(2)).ordering).toEqual(Buffer.from([8, 2]));
    expect(refusal(() => readPointsEnvelope(ordering(3)))).toMatchObject({ reason: 'FIELD_INVALID' });
  });
});
