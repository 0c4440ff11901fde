import { DeletePointsSchema, QueryPointsSchema, SearchPointsSchema } from '@qdrant/js-client-grpc';
import { decodeRequest, scanRequest, wantsStruct } from '../../../src/wire/index.js';
import { lengthField, varintField } from '../../support/wire-bytes.js';
import { refusal } from './oracle.js';

const readDelete = (message: Buffer) =>
  decodeRequest(DeletePointsSchema, 'vectorgateway.v1.DeletePointsRequest', message);
const readSearch = (message: Buffer) =>
  decodeRequest(SearchPointsSchema, 'vectorgateway.v1.SearchPointsRequest', message);

describe('a request', () => {
  it('with a number that an enum does not name is refused', () => {
    const ordering = (type: number | bigint): Buffer => lengthField(4, varintField(1, type));
    expect(readDelete(ordering(2)).ordering?.type).toBe(2);
    for (const type of [3, 2n ** 64n - 1n]) {
      expect(refusal(() => readDelete(ordering(type)))).toMatchObject({
        reason: 'FIELD_INVALID',
        violations: [{ field: 'ordering.type' }],
      });
    }
    expect(
      refusal(() => scanRequest('vectorgateway.v1.CreateCollectionRequest', varintField(3, 5)))?.reason,
    ).toBe('FIELD_INVALID');
  });

  it('with text that is not valid UTF-8 is refused with the path of the text', () => {
    const bad = Buffer.from([0xff]);
    const condition = lengthField(
      1,
      Buffer.concat([lengthField(1, 'title'), lengthField(2, lengthField(1, bad))]),
    );
    const filter = lengthField(
      3,
      Buffer.concat([lengthField(2, lengthField(2, lengthField(1, 'x'))), lengthField(2, condition)]),
    );
    expect(refusal(() => readSearch(filter))).toMatchObject({
      reason: 'REQUEST_MALFORMED',
      violations: [{ field: 'filter.must[1].field.match.keyword' }],
    });
  });

  it('with a field of another wire type than declared is refused, where protobuf-es would read something else', () => {
    expect(refusal(() => readSearch(lengthField(4, 'abc')))).toMatchObject({
      reason: 'REQUEST_MALFORMED',
      violations: [{ field: 'limit' }],
    });
    expect(refusal(() => readSearch(varintField(3, 1)))).toMatchObject({
      reason: 'REQUEST_MALFORMED',
      violations: [{ field: 'filter' }],
    });
    expect(refusal(() => wantsStruct(lengthField(6, lengthField(1001, '')), 6))).toMatchObject({
      reason: 'REQUEST_MALFORMED',
      violations: [{ field: 'with_payload.as_struct' }],
    });
  });

  it('names an undeclared field by its path, at any depth', () => {
    expect(refusal(() => readSearch(lengthField(14, '')))?.violations[0]?.field).toBe('shard_key_selector');
    const read = (message: Buffer) =>
      decodeRequest(QueryPointsSchema, 'vectorgateway.v1.QueryPointsRequest', message);
    const document = lengthField(1, lengthField(5, ''));
    expect(refusal(() => read(lengthField(2, lengthField(2, document))))?.violations[0]?.field).toBe(
      'prefetch[0].query.nearest.document',
    );
  });
});
