import { create, type DescMessage } from '@bufbuild/protobuf';
import {
  DenseVectorSchema,
  type PointId,
  type PointStruct,
  PointStructSchema,
  type PointVectors,
  PointVectorsSchema,
  UpdatePointVectorsSchema,
  UpsertPointsSchema,
  VectorsSchema,
} from '@qdrant/js-client-grpc';
import fc from 'fast-check';
import {
  checkPoints,
  checkPointVectors,
  encodePointsBody,
  type MessageBody,
  readPointsEnvelope,
  scanRequest,
} from '../../../src/wire/index.js';
import { canonicalUuidOf } from '../../../src/wire/point-id.js';
import { publicMessage } from '../../../src/wire/public-types.js';
import { lengthField } from '../../support/wire-bytes.js';
import { Chance, type ChaosOptions, chaosMessage, uuids } from './chaos.js';
import {
  canonical,
  decoded,
  encoded,
  fieldsToQdrant,
  refusal,
  unknownChunks,
  unknownStruct,
} from './oracle.js';

const dimension = 2;

const chaos: ChaosOptions = {
  depth: 7,
  records: 6,
  floats: dimension,
  overlong: true,
  values: { 'vectorgateway.v1.PointId.uuid': (chance) => (chance.oneIn(8) ? 'doc-17' : chance.pick(uuids)) },
};

const pointType = publicMessage('vectorgateway.v1.Point');
const pointVectorsType = publicMessage('vectorgateway.v1.PointVectors');

/** Random messages are seldom whole points: an id and a vector in front make most of them so. */
function chaosPoint(chance: Chance, of: 'point' | 'vectors'): Buffer {
  const type = of === 'point' ? pointType : pointVectorsType;
  const only = (...names: string[]): ChaosOptions => ({
    ...chaos,
    without: new Set(
      type.fields
        .map(({ name }) => name)
        .filter((name) => !names.includes(name))
        .map((name) => `${type.typeName}.${name}`),
    ),
  });
  const others = type.fields
    .map(({ name }) => name)
    .filter((name) => name === 'payload' || name === 'payload_struct');
  const one = chance.oneIn(2) ? others : others.slice(0, 1);
  const parts = [
    chance.oneIn(12) ? Buffer.alloc(0) : lengthField(1, Buffer.from([8, chance.below(128)])),
    chance.oneIn(12) ? Buffer.alloc(0) : chaosVector(type, chance, only),
    chaosMessage(type, chance, chance.oneIn(3) ? { ...chaos, records: 3 } : { ...only(...one), records: 4 }),
  ];
  return Buffer.concat(chance.oneIn(2) ? parts : parts.reverse());
}

/** A plain vector, or Qdrant's form of it, written around in the ways that protobuf allows. */
function chaosVector(type: DescMessage, chance: Chance, only: (name: string) => ChaosOptions): Buffer {
  if (chance.oneIn(2)) return chaosMessage(type, chance, { ...only('vector'), records: 1, exactly: true });
  const field = type.fields.find(({ name }) => name === 'vectors')?.number ?? 0;
  const floats = chaosMessage(DenseVectorSchema, chance, { ...chaos, records: 1, exactly: true });
  const dense = chance.oneIn(3) ? floats : lengthField(101, floats);
  const cut = chance.oneIn(3) ? [dense, Buffer.alloc(0)] : [dense];
  return Buffer.concat(cut.map((part) => lengthField(field, lengthField(1, part))));
}

/** What decode-and-re-encode would send for a point, or undefined when the point must be refused. */
function expectedPoint(bytes: Buffer): Buffer | undefined {
  const message: PointStruct = decoded(PointStructSchema, bytes);
  const struct = unknownStruct(PointStructSchema, bytes, 1001);
  const vectors = expectedVectors(message, plainFloats(unknownChunks(PointStructSchema, bytes, 2)));
  if (vectors === undefined || !fixId(message.id)) return undefined;
  message.vectors = vectors;
  if (struct !== undefined) {
    if (Object.keys(message.payload).length > 0) return undefined;
    message.payload = fieldsToQdrant(struct);
  }
  return encoded(PointStructSchema, message);
}

function expectedPointVectors(bytes: Buffer): Buffer | undefined {
  const message: PointVectors = decoded(PointVectorsSchema, bytes);
  const vectors = expectedVectors(message, plainFloats(unknownChunks(PointVectorsSchema, bytes, 1001)));
  if (vectors === undefined || !fixId(message.id)) return undefined;
  message.vectors = vectors;
  return encoded(PointVectorsSchema, message);
}

function plainFloats(chunks: readonly { content: Uint8Array }[]): number[] {
  const bytes = Buffer.concat(chunks.map(({ content }) => content));
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

function expectedVectors(message: PointStruct | PointVectors, plain: number[]): PointStruct['vectors'] {
  const { vectors } = message;
  if (plain.length > 0) {
    if (vectors !== undefined || plain.length !== dimension) return undefined;
    const vector = { vector: { case: 'dense' as const, value: { data: plain } } };
    return create(VectorsSchema, { vectorsOptions: { case: 'vector', value: vector } });
  }
  if (vectors?.vectorsOptions.case !== 'vector') return undefined;
  const { data, vector } = vectors.vectorsOptions.value;
  if (vector.case === 'dense')
    return data.length === 0 && vector.value.data.length === dimension ? vectors : undefined;
  return vector.case === undefined && data.length === dimension ? vectors : undefined;
}

function fixId(id: PointId | undefined): boolean {
  const options = id?.pointIdOptions;
  if (options?.case !== 'uuid') return options?.case === 'num';
  const uuid = canonicalUuidOf(options.value);
  if (uuid === undefined) return false;
  options.value = uuid;
  return true;
}

// A value that a later one replaces is dropped unread. When it was not well formed, decoders read the rest in different
// ways: then there is nothing to compare with, and what is sent must be a point all the same.
function expectSent(sent: Uint8Array, point: Buffer): void {
  const wellFormed = refusal(() => scanRequest('vectorgateway.v1.Point', point)) === undefined;
  const expected = wellFormed ? expectedPoint(point) : canonical(PointStructSchema, sent);
  expect(canonical(PointStructSchema, sent)).toEqual(expected);
}

const seeds = fc.integer({ min: 0, max: 0xffffffff });

describe('points in their bytes', () => {
  it('are sent as decode-and-re-encode would send them, in every legal encoding', () => {
    let accepted = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const point = chaosPoint(new Chance(seed), 'point');
        const { checked, rejected } = checkPoints([point], dimension);
        const expected = expectedPoint(point);
        expect(rejected.map(({ reason }) => reason)).toHaveLength(expected === undefined ? 1 : 0);
        if (expected === undefined) return;
        accepted++;
        expect(canonical(PointStructSchema, checked[0]?.bytes ?? Buffer.alloc(0))).toEqual(expected);
      }),
      { numRuns: 4000 },
    );
    expect(accepted).toBeGreaterThan(1000);
  });

  it('of UpdateVectors too', () => {
    let accepted = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const point = chaosPoint(new Chance(seed), 'vectors');
        const { checked, rejected } = checkPointVectors([point], dimension);
        const expected = expectedPointVectors(point);
        expect(rejected.map(({ reason }) => reason)).toHaveLength(expected === undefined ? 1 : 0);
        if (expected === undefined) return;
        accepted++;
        expect(canonical(PointVectorsSchema, checked[0]?.bytes ?? Buffer.alloc(0))).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('keep their order, their envelope and their neighbours in a whole request', () => {
    const requestType = publicMessage('vectorgateway.v1.UpsertPointsRequest');
    const withoutPoints: ChaosOptions = {
      ...chaos,
      without: new Set(['vectorgateway.v1.UpsertPointsRequest.points']),
      reserved: new Set([5, 6, 7, 8]),
      values: {
        ...chaos.values,
        'vectorgateway.v1.UpsertPointsRequest.collection': (chance) => chance.pick(['docs', 'a']),
      },
    };
    fc.assert(
      fc.property(seeds, (seed) => {
        const chance = new Chance(seed);
        const points = Array.from({ length: chance.below(5) }, () => chaosPoint(chance, 'point'));
        const request = Buffer.concat(
          points.flatMap((point) => [
            chaosMessage(requestType, chance, { ...withoutPoints, records: 2 }),
            lengthField(3, point),
          ]),
        );
        const envelope = readPointsEnvelope(request);
        const oracle = decoded(UpsertPointsSchema, request);
        expect(envelope.collection ?? '').toBe(oracle.collectionName);
        expect(envelope.wait).toBe(oracle.wait);
        const { checked, rejected } = checkPoints(envelope.points, dimension);
        const expected = points.map(expectedPoint);
        expect(rejected.map(({ index }) => index)).toEqual(
          expected.flatMap((point, index) => (point === undefined ? [index] : [])),
        );
        const body = written(
          encodePointsBody(checked, { wait: envelope.wait ?? true, ordering: envelope.ordering }),
        );
        oracle.collectionName = '';
        oracle.wait ??= true;
        oracle.points = expected.flatMap((point) =>
          point === undefined ? [] : [decoded(PointStructSchema, point)],
        );
        expect(canonical(UpsertPointsSchema, body)).toEqual(encoded(UpsertPointsSchema, oracle));
        expect(
          canonical(
            UpdatePointVectorsSchema,
            written(encodePointsBody([], { wait: false, ordering: undefined })),
          ),
        ).toEqual(Buffer.from([16, 0]));
      }),
      { numRuns: 1500 },
    );
  });

  it('that are cut anywhere are refused as such, never otherwise', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const point = chaosPoint(new Chance(seed), 'point');
        const request = Buffer.concat([lengthField(1, Buffer.from('docs')), lengthField(3, point)]);
        for (let end = 0; end < request.length; end++) {
          const error = refusal(() =>
            checkPoints(readPointsEnvelope(request.subarray(0, end)).points, dimension),
          );
          if (error !== undefined) expect(error.code).toBe(3);
        }
        for (let end = 0; end < point.length; end++) checkPoints([point.subarray(0, end)], dimension);
      }),
      { numRuns: 120 },
    );
  });

  it('with any byte changed are refused, or sent as protobuf-es reads them', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), fc.integer({ min: 0, max: 255 }), (seed, where, value) => {
        const point = chaosPoint(new Chance(seed), 'point');
        if (point.length > 0) point[where % point.length] = value;
        const { checked, rejected } = checkPoints([point], dimension);
        for (const { reason } of rejected) expect(reason).toMatch(/^(POINT|PAYLOAD|VECTOR|FIELD)_/);
        for (const { bytes } of checked) expectSent(bytes, point);
      }),
      { numRuns: 6000 },
    );
  });

  it('made of random bytes are refused, or sent as protobuf-es reads them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
        const error = refusal(() => {
          const { checked } = checkPoints(readPointsEnvelope(random).points, dimension);
          for (const { bytes } of checked) expect(bytes.length).toBeGreaterThan(0);
        });
        if (error !== undefined) expect(error.code).toBe(3);
        const { checked } = checkPoints([random], dimension);
        for (const { bytes } of checked) expectSent(bytes, Buffer.from(random));
      }),
      { numRuns: 5000 },
    );
  });
});

function written(body: MessageBody): Buffer {
  const bytes = Buffer.alloc(body.length);
  body.copy(bytes, 0);
  return bytes;
}
