import fc from 'fast-check';
import { Ledger } from '../../../src/cli/ingest/ledger.js';
import { seedOf } from '../../support/seed.js';

const seed = seedOf('the ledger');
type Fate = 'stored' | 'refused here' | 'refused there';
const fates = fc.array(fc.constantFrom<Fate>('stored', 'refused here', 'refused there'), { maxLength: 60 });

test('rows are accounted in the order of the source, each once, however points are settled', () => {
  fc.assert(
    fc.property(fates, fc.array(fc.integer({ min: 0, max: 7 })), (rows, settles) => {
      const told: number[] = [];
      const counts = { rows: 0, stored: 0, rejected: 0, reasons: {} };
      const ledger = new Ledger(counts, {
        stopsAtRefusal: false,
        onRefused: ({ row }) => told.push(row),
        onCounted: () => undefined,
      });
      const points = rows.filter((fate) => fate !== 'refused here');
      let [added, settled] = [0, 0];
      const settle = (most: number): void => {
        const until = Math.min(added, settled + most);
        for (; settled < until; settled += 1) {
          if (points[settled] === 'refused there') ledger.refuse(settled, { reason: 'THERE', message: '' });
        }
        ledger.settle(settled);
      };
      rows.forEach((fate, index) => {
        const row = { row: index + 1, line: undefined, raw: undefined };
        if (fate === 'refused here') ledger.addRefused(row, { reason: 'HERE', message: '' });
        else {
          ledger.addPoint(row);
          added += 1;
        }
        settle(settles[index % Math.max(1, settles.length)] ?? 0);
        // What is counted is a beginning of the source: up to the first row that is not settled.
        const firstOpen = rows.findIndex(
          (_, at) => at > index || (pointsBefore(rows, at) >= settled && rows[at] !== 'refused here'),
        );
        expect(counts.rows).toBe(firstOpen < 0 ? index + 1 : Math.min(firstOpen, index + 1));
      });
      settle(rows.length);
      expect(ledger.openRows).toBe(0);
      expect(counts).toMatchObject({
        rows: rows.length,
        rejected: told.length,
        stored: rows.length - told.length,
      });
      expect(told).toEqual(rows.flatMap((fate, index) => (fate === 'stored' ? [] : [index + 1])));
    }),
    { seed, numRuns: 500 },
  );
});

const pointsBefore = (rows: readonly Fate[], at: number): number =>
  rows.slice(0, at).filter((fate) => fate !== 'refused here').length;

test('a strict account ends before the first refused row', () => {
  const counts = { rows: 0, stored: 0, rejected: 0, reasons: {} };
  const ledger = new Ledger(counts, {
    stopsAtRefusal: true,
    onRefused: () => undefined,
    onCounted: () => undefined,
  });
  for (let row = 1; row <= 4; row += 1) ledger.addPoint({ row, line: row, raw: undefined });
  ledger.refuse(1, { reason: 'THERE', message: 'no' });
  ledger.settle(4);
  expect(counts).toMatchObject({ rows: 1, stored: 1, rejected: 0 });
  expect(ledger.stoppedAt).toMatchObject({ row: 2, refusal: { reason: 'THERE' } });
});
