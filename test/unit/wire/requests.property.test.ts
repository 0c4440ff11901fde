import type { DescMessage } from '@bufbuild/protobuf';
import {
  ClearPayloadPointsSchema,
  CountPointsSchema,
  DeletePayloadPointsSchema,
  DeletePointsSchema,
  GetPointsSchema,
  QueryPointsSchema,
  ScrollPointsSchema,
  SearchPointsSchema,
  SetPayloadPointsSchema,
} from '@qdrant/js-client-grpc';
import fc from 'fast-check';
import { decodeRequest, readPayload, scanRequest, wantsStruct } from '../../../src/wire/index.js';
import { publicMessage } from '../../../src/wire/public-types.js';
import { Chance, type ChaosOptions, chaosMessage, uuids } from './chaos.js';
import {
  canonical,
  decoded,
  encoded,
  fieldsToQdrant,
  hasUndeclared,
  refusal,
  unknownStruct,
} from './oracle.js';

const requests: readonly (readonly [string, DescMessage])[] = [
  ['SearchPointsRequest', SearchPointsSchema],
  ['QueryPointsRequest', QueryPointsSchema],
  ['ScrollPointsRequest', ScrollPointsSchema],
  ['CountPointsRequest', CountPointsSchema],
  ['GetPointsRequest', GetPointsSchema],
  ['DeletePointsRequest', DeletePointsSchema],
  ['SetPayloadRequest', SetPayloadPointsSchema],
  ['OverwritePayloadRequest', SetPayloadPointsSchema],
  ['DeletePayloadRequest', DeletePayloadPointsSchema],
  ['ClearPayloadRequest', ClearPayloadPointsSchema],
];

const chaos: ChaosOptions = {
  depth: 7,
  records: 5,
  floats: 3,
  overlong: true,
  values: { 'vectorgateway.v1.PointId.uuid': (chance) => chance.pick(uuids) },
};

const seeds = fc.integer({ min: 0, max: 0xffffffff });

describe.each(requests)('%s', (name, schema) => {
  const publicType = `vectorgateway.v1.${name}`;

  it('is read as protobuf-es reads it, in every legal encoding', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const request = chaosMessage(publicMessage(publicType), new Chance(seed), chaos);
        // Our own fields are unknown to Qdrant's schema, so neither side has them here.
        const read = decodeRequest(schema, publicType, request);
        expect(encoded(schema, read)).toEqual(encoded(schema, decoded(schema, request)));
      }),
      { numRuns: 400 },
    );
  });

  it('never brings a field to the backend that the API does not declare', () => {
    let refused = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const request = chaosMessage(schema, new Chance(seed), { ...chaos, records: 3 });
        const expected = decoded(schema, request);
        const undeclared = hasUndeclared(schema, publicType, expected);
        if (undeclared) {
          refused++;
          expect(refusal(() => decodeRequest(schema, publicType, request))?.reason).toBe('FIELD_UNSUPPORTED');
        } else {
          expect(encoded(schema, decodeRequest(schema, publicType, request))).toEqual(
            encoded(schema, expected),
          );
        }
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('cut anywhere, or with any byte changed, is read as such or refused with INVALID_ARGUMENT', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), fc.integer({ min: 0, max: 255 }), (seed, where, value) => {
        const request = chaosMessage(publicMessage(publicType), new Chance(seed), { ...chaos, records: 3 });
        for (let end = 0; end < request.length; end++) {
          const cut = request.subarray(0, end);
          const error = refusal(() => readEverything(schema, publicType, cut));
          if (error !== undefined) expect(error.code).toBe(3);
        }
        if (request.length === 0) return;
        request[where % request.length] = value;
        const error = refusal(() => {
          const read = readEverything(schema, publicType, request);
          expect(encoded(schema, read)).toEqual(encoded(schema, decoded(schema, request)));
        });
        if (error !== undefined) expect(error.code).toBe(3);
      }),
      { numRuns: 60 },
    );
  });
});

function readEverything(schema: DescMessage, publicType: string, request: Buffer) {
  const read = decodeRequest(schema, publicType, request);
  if (/(Set|Overwrite)Payload/.test(publicType)) readPayload(request);
  if (/Search|Scroll/.test(publicType)) wantsStruct(request, 6);
  return read;
}

describe('readPayload', () => {
  const without = new Set(['vectorgateway.v1.SetPayloadRequest.points_selector']);

  it('sends the payload that decode-and-re-encode would send, from either form', () => {
    const seen = { payload: 0, struct: 0, both: 0 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const type = publicMessage('vectorgateway.v1.SetPayloadRequest');
        const request = chaosMessage(type, new Chance(seed), { ...chaos, records: 4, without });
        const { payload } = decoded(SetPayloadPointsSchema, request);
        const struct = unknownStruct(SetPayloadPointsSchema, request, 1001);
        const hasPayload = Object.keys(payload).length > 0;
        if (hasPayload && struct !== undefined) {
          seen.both++;
          expect(refusal(() => readPayload(request))?.reason).toBe('POINT_INVALID');
          return;
        }
        seen[struct === undefined ? 'payload' : 'struct']++;
        const expected = decoded(SetPayloadPointsSchema, Buffer.alloc(0));
        expected.payload = struct === undefined ? payload : fieldsToQdrant(struct);
        expect(canonical(SetPayloadPointsSchema, readPayload(request))).toEqual(
          encoded(SetPayloadPointsSchema, expected),
        );
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(seen.payload, seen.struct, seen.both)).toBeGreaterThan(100);
  });
});

describe('wantsStruct', () => {
  it('is the last as_struct of all selectors given', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const type = publicMessage('vectorgateway.v1.ScrollPointsRequest');
        const without = new Set(['filter', 'offset'].map((name) => `${type.typeName}.${name}`));
        const request = chaosMessage(type, new Chance(seed), { ...chaos, records: 6, depth: 2, without });
        const oracle: unknown = Reflect.get(decoded(type, request), 'withPayload');
        const wanted =
          typeof oracle === 'object' && oracle !== null && Reflect.get(oracle, 'asStruct') === true;
        expect(wantsStruct(request, 6)).toBe(wanted);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('scanRequest', () => {
  it('accepts every legal encoding and nothing that is cut inside a field', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const type = publicMessage('vectorgateway.v1.CreateCollectionRequest');
        const request = chaosMessage(type, new Chance(seed), chaos);
        expect(refusal(() => scanRequest(type.typeName, request))).toBeUndefined();
        const last = request.length - 1;
        const error = refusal(() => scanRequest(type.typeName, request.subarray(0, last)));
        if (request.length > 0 && error !== undefined) expect(error.reason).toBe('REQUEST_MALFORMED');
      }),
      { numRuns: 1000 },
    );
  });
});
