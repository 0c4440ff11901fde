import fc from 'fast-check';
import { MessageFrames } from '../../../src/transport/message-frames.js';
import { framed } from '../../support/raw-stream.js';

test('sizes, whole messages and torn ends are seen, however the bytes are cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
  fc.assert(
    fc.property(
      messages,
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      fc.nat(4),
      (given, cuts, torn) => {
        const whole = given.map((content) => framed(Buffer.from(content)));
        const bytes = Buffer.concat([...whole, framed(Buffer.alloc(9)).subarray(0, torn)]);
        const sizes: number[] = [];
        const frames = new MessageFrames((size) => sizes.push(size));
        for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
          const length = cuts[cut % cuts.length] ?? 1;
          frames.write(bytes.subarray(at, at + length));
          at += length;
        }
        expect(sizes).toEqual(given.map(({ length }) => length));
        expect(frames.completed).toBe(given.length);
        expect(frames.isBetweenMessages).toBe(torn === 0);
      },
    ),
    { numRuns: 300 },
  );
});

test('a message is told when its length is known, before its content', () => {
  const told: [number, boolean][] = [];
  const frames = new MessageFrames((size, isCompressed) => told.push([size, isCompressed]));
  frames.write(Buffer.from([1, 0, 0, 1]));
  expect(told).toEqual([]);
  frames.write(Buffer.from([0]));
  expect(told).toEqual([[256, true]]);
  expect(frames.completed).toBe(0);
});
