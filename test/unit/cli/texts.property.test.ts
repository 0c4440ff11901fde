import fc from 'fast-check';
import { parseJson } from '../../../src/cli/data/json-numbers.js';
import { floatsText, jsonText } from '../../../src/cli/data/json-text.js';
import { isUuid, uuidV5 } from '../../../src/cli/data/uuid-v5.js';
import { vectorOf } from '../../../src/cli/data/vector-of.js';
import type { JsonValue } from '../../../src/client/index.js';
import { seedOf } from '../../support/seed.js';

const seed = seedOf('texts of the command line');
const check = <Values extends [unknown, ...unknown[]]>(property: fc.IProperty<Values>): void =>
  fc.assert(property, { seed, numRuns: 500 });

const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const url = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

test.each([
  [dns, 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  [dns, 'python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  [url, 'http://python.org/', '4c565f0d-3f5a-5890-b41b-20cf47701c5e'],
  [dns.toUpperCase(), 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
])('the UUID of %s and %s is %s', (namespace, name, uuid) => {
  expect(uuidV5(namespace, name)).toBe(uuid);
});

test('every name has a UUID of version 5 and of the right variant', () => {
  check(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const uuid = uuidV5(dns, name);
      expect(isUuid(uuid)).toBe(true);
      expect(uuid).toMatch(/^.{14}5.{4}[89ab]/);
    }),
  );
});

// What a payload may hold; integers beyond 2^53 come as bigints, as the client gives them.
const largeInteger = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })
  .map((value): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const value = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    largeInteger,
    double,
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '1', '2', ':', ',', '[', '}', ' ') }),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

test('any payload reads back as it was: kinds of numbers, digits, signs of zero', () => {
  check(fc.property(value, (json) => expect(parseJson(jsonText(json))).toEqual(json)));
});

test('a large integer is found wherever white space puts it, and never within a string', () => {
  const text =
    '{ "a" :\n-9223372036854775808\t, "b": [ 18446744073709551615 ,1234567890123456789.5, 1e300], "c": "x: 12345678901234567890," }';
  expect(parseJson(text)).toEqual({
    a: -9223372036854775808n,
    b: [18446744073709551615n, Number('1234567890123456789.5'), 1e300],
    c: 'x: 12345678901234567890,',
  });
  expect(parseJson('12345678901234567890')).toBe(12345678901234567890n);
  expect(() => parseJson('[12345678901234567890')).toThrow(SyntaxError);
});

test('floats in any of their texts are the same 32 bits', () => {
  const floats = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 });
  check(
    fc.property(floats, fc.constantFrom(',', ' ', ';', ', '), (vector, separator) => {
      const text = floatsText(vector);
      expect(vectorOf(parseJson(text), 'vector')).toEqual(vector);
      expect(vectorOf(text.slice(1, -1).replaceAll(',', separator), 'vector')).toEqual(vector);
    }),
  );
});

test.each(['1,,2', '1,x', '[1,2', '0x10', '1 NaN', 'Infinity', '--1', '1.2.3'])('%j is no vector', (text) => {
  expect(() => vectorOf(text, 'vector')).toThrow(/no list of numbers/);
});
