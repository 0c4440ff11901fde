import { withoutField } from '../../../src/wire/index.js';
import { lengthField, varintField } from '../../support/wire-bytes.js';

test('the field at the end of the path is left out wherever it is, and nothing else', () => {
  const inner = Buffer.concat([varintField(1, 5), lengthField(7, 'x'.repeat(300)), lengthField(2, 'kept')]);
  const message = Buffer.concat([
    lengthField(7, 'kept'),
    lengthField(3, inner),
    varintField(9, 1),
    lengthField(3, lengthField(7, 'y')),
  ]);
  const kept = Buffer.concat([varintField(1, 5), lengthField(2, 'kept')]);
  expect(withoutField(message, [3, 7])).toEqual(
    Buffer.concat([lengthField(7, 'kept'), lengthField(3, kept), varintField(9, 1), lengthField(3, '')]),
  );
  expect(withoutField(message, [4, 7])).toEqual(message);
});

test('what is no message is refused', () => {
  expect(() => withoutField(Buffer.from([0x1a, 5, 1]), [3, 7])).toThrow('ends in the middle of a field');
});
