import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type UpsertPoints, UpsertPointsSchema } from '@qdrant/js-client-grpc';
import { type Point, Vectors } from '../src/gen/vectorgateway/v1/points.js';
import { UpsertPointsRequest } from '../src/gen/vectorgateway/v1/points_service.js';
import { Value } from '../src/gen/vectorgateway/v1/value.js';
import { checkPoints, encodePointsBody, readPointsEnvelope } from '../src/wire/index.js';

// What an upsert of 256 points × 1536 floats costs on its way through: checked and passed on as bytes, against decoded,
// checked and encoded again with either library. The ways take turns, so that a busy machine slows all of them alike.

const dimension = 1536;
const points = 256;
const rounds = Number(process.argv[2] ?? 40);

interface Way {
  readonly name: string;
  readonly run: () => number;
}

function main(): void {
  const plain = requestOf('vector');
  const wrapped = requestOf('vectors');
  const ways: Way[] = [
    { name: 'bytes, `vector`', run: () => asBytes(plain) },
    { name: 'bytes, `vectors`', run: () => asBytes(wrapped) },
    { name: 'protobuf-es, `vectors`', run: () => withProtobufEs(wrapped) },
    { name: 'ts-proto, `vector`', run: () => withTsProto(plain) },
    { name: 'ts-proto, `vectors`', run: () => withTsProto(wrapped) },
  ];
  const times = ways.map((): number[] => []);
  for (let round = -5; round < rounds; round++) {
    ways.forEach((_, turn) => {
      const index = (turn + round + 5) % ways.length;
      const startMs = performance.now();
      const bytes = ways[index]?.run() ?? 0;
      const elapsedMs = performance.now() - startMs;
      if (bytes < points * dimension * 4) throw new Error('the points got lost');
      if (round >= 0) times[index]?.push(elapsedMs);
    });
  }
  print(ways, times.map(median));
}

function print(ways: readonly Way[], medians: readonly number[]): void {
  const [plain = 1, wrapped = 1] = medians;
  const ratios = ways.map(
    ({ name }, index) => (medians[index] ?? 0) / (name.endsWith('`vector`') ? plain : wrapped),
  );
  process.stdout.write(`${points} points × ${dimension} floats, median of ${rounds} rounds, interleaved\n`);
  ways.forEach(({ name }, index) => {
    const ms = (medians[index] ?? 0).toFixed(2);
    process.stdout.write(
      `${name.padEnd(24)}${ms.padStart(9)} ms ${(ratios[index] ?? 0).toFixed(1).padStart(7)}×\n`,
    );
  });
  const least = Math.min(...ratios.slice(2)).toFixed(1);
  process.stdout.write(
    `decode-and-re-encode costs at least ${least}× the bytes path of the same form (8× expected)\n`,
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function requestOf(form: 'vector' | 'vectors'): Buffer {
  const list = Array.from({ length: points }, (_, index): Point => {
    const data = Array.from({ length: dimension }, (__, at) => Math.fround(Math.sin(index * dimension + at)));
    return {
      id: { pointIdOptions: { $case: 'num', value: BigInt(index) } },
      vector: form === 'vector' ? data : [],
      vectors: form === 'vectors' ? wrap(data) : undefined,
      payload: payloadOf(index),
      payloadStruct: undefined,
    };
  });
  const request = UpsertPointsRequest.fromPartial({ collection: 'docs', points: list });
  return Buffer.from(UpsertPointsRequest.encode(request).finish());
}

function payloadOf(index: number): Map<string, Value> {
  const names = ['title', 'author', 'language', 'section', 'source', 'summary'];
  const text = names.map((name): [string, Value] => [
    name,
    Value.fromPartial({ kind: { $case: 'stringValue', value: `${name} of document ${index}` } }),
  ]);
  return new Map([
    ...text,
    ['pages', Value.fromPartial({ kind: { $case: 'integerValue', value: BigInt(index) } })],
  ]);
}

function wrap(data: number[]): Vectors {
  const vector = { $case: 'dense' as const, value: { data } };
  return Vectors.fromPartial({ vectorsOptions: { $case: 'vector', value: { data: [], vector } } });
}

function asBytes(request: Buffer): number {
  const envelope = readPointsEnvelope(request);
  const { checked, rejected } = checkPoints(envelope.points, dimension);
  if (rejected.length > 0) throw new Error('a point was refused');
  return encodePointsBody(checked, { wait: true, ordering: envelope.ordering }).length;
}

function withProtobufEs(request: Buffer): number {
  const message: UpsertPoints = fromBinary(UpsertPointsSchema, request, { readUnknownFields: false });
  for (const { vectors } of message.points) {
    const options = vectors?.vectorsOptions;
    const vector = options?.case === 'vector' ? options.value.vector : undefined;
    checkFloats(vector?.case === 'dense' ? vector.value.data : []);
  }
  message.wait = true;
  return toBinary(UpsertPointsSchema, message).length;
}

function withTsProto(request: Buffer): number {
  const message = UpsertPointsRequest.decode(request);
  for (const point of message.points) {
    const options = point.vectors?.vectorsOptions;
    const dense = options?.value.vector?.value.data;
    checkFloats(dense ?? point.vector);
    if (dense === undefined) {
      point.vectors = wrap(point.vector);
      point.vector = [];
    }
  }
  message.wait = true;
  return UpsertPointsRequest.encode(message).finish().length;
}

function checkFloats(data: readonly number[]): void {
  if (data.length !== dimension || !data.every(Number.isFinite)) throw new Error('not a vector');
}

main();
