import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { CallContext } from '../../../src/backend/index.js';
import { IdGuard } from '../../../src/services/stream-upsert/id-guard.js';
import type { IncomingMessage, IncomingMessages } from '../../../src/services/stream-upsert/types.js';
import { UpsertStream } from '../../../src/services/stream-upsert/upsert-stream.js';
import type { CheckedPoint } from '../../../src/wire/index.js';
import { pointBytes, streamMessage } from '../../support/upsert-stream-client.js';

/** A place that applies each write at once, but at a moment of its own. */
function slowPlace(delaysMs: readonly number[]) {
  const stored = new Map<string, Uint8Array>();
  let writes = 0;
  return {
    stored,
    target: {
      dimension: 1,
      send: async (points: readonly CheckedPoint[]) => {
        await sleep(delaysMs[writes++ % delaysMs.length]);
        for (const { key, bytes } of points) stored.set(key, Uint8Array.from(bytes));
      },
    },
  };
}

async function run(ids: readonly number[], delaysMs: readonly number[], guard: IdGuard) {
  const { target, stored } = slowPlace(delaysMs);
  let held = 0;
  async function* read(): AsyncGenerator<IncomingMessage> {
    for (const [version, id] of ids.entries()) {
      held += 1;
      yield {
        bytes: streamMessage([pointBytes(id, [version])], 'docs'),
        release: () => {
          held -= 1;
        },
      };
    }
  }
  const messages: IncomingMessages = { isHeldBack: false, [Symbol.asyncIterator]: read };
  const context: CallContext = { signal: new AbortController().signal, deadlineAtMs: Infinity, attempts: 0 };
  const options = {
    batchPoints: 3,
    batchBytes: 1e6,
    batchesInFlight: 4,
    tunesBatches: false,
    idleMs: 1000,
    lingerMs: 5,
    quietMs: 0,
    finishMs: () => 1000,
    sendDeadlineAtMs: Infinity,
  };
  const summary = await new UpsertStream(async () => target, messages, options, context, { guard }).run();
  return { summary, stored, held };
}

/** Ids whose last version is not the one that stayed. */
function outdated(ids: readonly number[], stored: ReadonlyMap<string, Uint8Array>): number[] {
  return [...new Set(ids)].filter((id) => {
    const bytes = Buffer.from(stored.get(`n:${id}`) ?? []);
    return bytes.length < 4 || bytes.readFloatLE(bytes.length - 4) !== ids.lastIndexOf(id);
  });
}

class NoGuard extends IdGuard {
  override blocks(): boolean {
    return false;
  }
}

test('the last version of every id stays, whatever the ids and however long writes take', async () => {
  const ids = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 40 });
  const delays = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(ids, delays, async (given, delaysMs) => {
      const { summary, stored, held } = await run(given, delaysMs, new IdGuard());
      expect(outdated(given, stored)).toEqual([]);
      expect(summary).toMatchObject({
        received: BigInt(given.length),
        upserted: BigInt(given.length),
        durableThrough: BigInt(given.length - 1),
      });
      expect(held).toBe(0);
    }),
    { numRuns: 40 },
  );
});

test('without the guard of ids an older version stays', async () => {
  const ids = [1, 2, 3, 1, 2, 3];
  const { stored } = await run(ids, [30, 0], new NoGuard());
  expect(outdated(ids, stored)).toEqual([1, 2, 3]);
});
