import {
  DeletePointsSchema,
  ScrollPointsSchema,
  SearchPointsSchema,
  SetPayloadPointsSchema,
} from '@qdrant/js-client-grpc';
import { checkPoints, decodeRequest, readPointsEnvelope } from '../../../src/wire/index.js';
import { lengthField, varint } from '../../support/wire-bytes.js';
import { refusal } from './oracle.js';

const mib = 1024 * 1024;

/** The bytes over and over, 32 MiB of them: the largest message that the gateway accepts. */
function flood(unit: Buffer, size = 32 * mib): Buffer {
  return Buffer.alloc(Math.floor(size / unit.length) * unit.length, unit);
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
/** An id and a vector of two floats, then whatever follows. */
const pointWith = (rest: Buffer): Buffer =>
  lengthField(3, Buffer.concat([hex('0a02080712080000803f00000040'), rest]));
/** A payload_struct of one key, whose Value is made of these bytes. */
const structWith = (value: Buffer): Buffer =>
  lengthField(1001, lengthField(1, Buffer.concat([hex('0a0161'), lengthField(2, value)])));
/** A filter of one field condition whose match is made of these bytes, as field 3 of a search. */
const matchWith = (match: Buffer): Buffer =>
  lengthField(3, lengthField(2, lengthField(1, lengthField(2, match))));

const readPoints = (message: Buffer) => checkPoints(readPointsEnvelope(message).points, 2);
const readSearch = (message: Buffer) =>
  decodeRequest(SearchPointsSchema, 'vectorgateway.v1.SearchPointsRequest', message);

/** What the work leaves behind and allocates: heap and buffers, in bytes; a collection in between can only hide some. */
function growthOf(work: () => void): number {
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  work();
  return used() - before;
}

describe('32 MiB of empty points', () => {
  const bomb = flood(hex('1a00'));

  it('are refused without allocating for them', () => {
    const growth = growthOf(() => expect(refusal(() => readPoints(bomb))?.reason).toBe('LIMIT_EXCEEDED'));
    expect(growth).toBeLessThan(2 * mib);
  });

  it('are refused at the 10,001st: what comes behind is not read', () => {
    const upTo = (points: number): Buffer => Buffer.concat([flood(hex('1a00'), 2 * points), hex('ff')]);
    expect(refusal(() => readPoints(upTo(10_001)))?.reason).toBe('LIMIT_EXCEEDED');
    expect(refusal(() => readPoints(upTo(10_000)))?.reason).toBe('REQUEST_MALFORMED');
  });
});

const bombs: readonly (readonly [string, (message: Buffer) => unknown, () => Buffer])[] = [
  ['collection names', readPoints, () => flood(lengthField(1, 'a'))],
  ['unknown fields around the points', readPoints, () => flood(hex('a00600'))],
  ['unknown fields inside a point', readPoints, () => pointWith(flood(hex('a00600')))],
  ['ids of one point', readPoints, () => pointWith(flood(hex('0a020807')))],
  ['pieces of one `vectors`', readPoints, () => pointWith(flood(hex('2200')))],
  ['payload entries without key or value', readPoints, () => pointWith(flood(hex('1a00')))],
  ['payload entries', readPoints, () => pointWith(flood(hex('1a040a001200')))],
  ['pieces of one payload_struct', readPoints, () => pointWith(flood(hex('ca3e00')))],
  ['entries of one payload_struct', readPoints, () => pointWith(lengthField(1001, flood(hex('0a00'))))],
  [
    'pieces of one list, joined again and again',
    readPoints,
    () => pointWith(structWith(flood(hex('32020a00')))),
  ],
  ['conditions', readSearch, () => lengthField(3, flood(hex('1200')))],
  ['filters of one condition', readSearch, () => flood(hex('1a021200'))],
  [
    'packed integers of one match',
    readSearch,
    () => matchWith(flood(lengthField(6, lengthField(1, Buffer.alloc(9000, 1))))),
  ],
  ['keywords', readSearch, () => matchWith(lengthField(5, flood(hex('0a00'))))],
  ['pieces of a query vector', readSearch, () => flood(lengthField(2, Buffer.alloc(4000)))],
  [
    'ids to delete',
    (message) => decodeRequest(DeletePointsSchema, 'vectorgateway.v1.DeletePointsRequest', message),
    () => lengthField(3, lengthField(1, flood(hex('0a00')))),
  ],
  [
    'payload entries to set',
    (message) => decodeRequest(SetPayloadPointsSchema, 'vectorgateway.v1.SetPayloadRequest', message),
    () => flood(hex('1a040a001200')),
  ],
  [
    'selectors',
    (message) => decodeRequest(ScrollPointsSchema, 'vectorgateway.v1.ScrollPointsRequest', message),
    () => flood(hex('32020801')),
  ],
];

describe.each(bombs)('32 MiB of %s', (_what, read, make) => {
  it('are refused before they grow', () => {
    const message = make();
    const growth = growthOf(() =>
      expect(refusal(() => read(message))?.reason).toMatch(/^(LIMIT_EXCEEDED|FILTER_INVALID)$/),
    );
    expect(growth).toBeLessThan(message.length + 128 * mib);
  });
});

describe('a length', () => {
  it.each([2 ** 31 - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 63])(
    'of %d bytes is refused without allocating',
    (length) => {
      const record = Buffer.concat([hex('1a'), varint(BigInt(length))]);
      for (const message of [
        record,
        lengthField(3, record),
        pointWith(Buffer.concat([hex('22'), varint(BigInt(length))])),
      ]) {
        const growth = growthOf(() => {
          const error = refusal(() => {
            const { rejected } = readPoints(message);
            expect(rejected[0]?.reason).toBe('POINT_INVALID');
          });
          if (error !== undefined) expect(error.reason).toBe('REQUEST_MALFORMED');
        });
        expect(growth).toBeLessThan(mib);
      }
      expect(refusal(() => readSearch(record))?.reason).toBe('REQUEST_MALFORMED');
    },
  );
});

describe('depth', () => {
  it('of groups ends at 100, in the envelope, in a point and in a filter', () => {
    const groups = Buffer.concat([flood(hex('a306'), 20_000), flood(hex('a406'), 20_000)]);
    expect(refusal(() => readPoints(groups))?.reason).toBe('REQUEST_MALFORMED');
    expect(readPoints(pointWith(groups)).rejected[0]?.reason).toBe('POINT_INVALID');
    expect(refusal(() => readSearch(lengthField(3, groups)))?.reason).toBe('REQUEST_MALFORMED');
  });

  it('of messages ends before the stack does', () => {
    let value: Buffer = Buffer.alloc(0);
    let filter: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 5000; depth++) {
      value = lengthField(7, lengthField(1, value));
      filter = lengthField(2, lengthField(4, filter));
    }
    const inPayload = pointWith(lengthField(3, Buffer.concat([hex('0a0161'), lengthField(2, value)])));
    expect(readPoints(inPayload).rejected[0]?.reason).toBe('PAYLOAD_INVALID');
    expect(refusal(() => readSearch(lengthField(3, filter)))?.reason).toMatch(
      /^(LIMIT_EXCEEDED|FILTER_INVALID)$/,
    );
  });

  it('of groups and messages together is what a decoder counts: never a surprise behind the scan', () => {
    for (let messages = 1; messages < 45; messages += 4) {
      for (let groups = 1; groups <= 100; groups += 9) {
        let filter: Buffer = Buffer.concat([flood(hex('a306'), 2 * groups), flood(hex('a406'), 2 * groups)]);
        for (let depth = 0; depth < messages; depth++) filter = lengthField(2, lengthField(4, filter));
        const error = refusal(() => readSearch(lengthField(3, filter)));
        if (error !== undefined) expect(error.code).toBe(3);
      }
    }
  });
});
