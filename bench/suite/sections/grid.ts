import { streamWriter } from '../callers/streams.js';
import { measureWrites } from '../measure.js';
import { type Cell, interleave, type Result, ratio } from '../rounds.js';
import type { ChildTarget } from '../targets/child.js';
import { type Bench, gatewayFor, judge, type SectionReport, withProcesses } from './section.js';

interface GridCell {
  readonly row: string;
  readonly env: Readonly<Record<string, string>>;
}

// What pins a cell of the grid. The bounds on bytes are out of the way: a cell must be what it is called.
const pinned = (points: number, inFlight: number): GridCell => ({
  row: `${points} × ${inFlight}`,
  env: {
    BATCH_POINTS: String(points),
    BATCHES_IN_FLIGHT: String(inFlight),
    BATCH_TUNING: 'off',
    BATCH_BYTES: '31MiB',
    MAX_STREAM_BYTES: '192MiB',
  },
});
const untuned: GridCell = { row: 'default', env: {} };

const grid = [64, 256, 1024].flatMap((points) => [1, 2, 4, 8].map((inFlight) => pinned(points, inFlight)));

/** One stream, at every size of batch and number in flight, beside what a gateway does that nobody tuned. */
export function runGrid(bench: Bench): Promise<SectionReport> {
  return withProcesses(async (keep) => {
    const { options } = bench;
    const gateways = await Promise.all(
      [untuned, ...grid].map(async ({ row, env }) => ({
        row,
        gateway: await keep(gatewayFor(bench, 'grid', env)),
      })),
    );
    const cells = gateways.map(
      ({ row, gateway }): Cell => ({ row, callers: 1, measure: () => measure(bench, gateway) }),
    );
    bench.onProgress('warming up');
    for (const cell of cells) await cell.measure();
    const results = await interleave(cells, options.rounds, bench.onProgress);
    for (const { gateway } of gateways) await bench.ground.drop(gateway.address);
    const best = bestOf(results);
    const share = ratio(results, 'pointsPerSecond', [untuned.row, best], 1);
    return {
      name: 'grid',
      title: 'grid: one stream, points in a batch × batches in flight',
      results,
      notes: [`the best is ${best}; the default reaches ${((share ?? Number.NaN) * 100).toFixed(1)} % of it`],
      targets: judge(bench, [{ text: 'default ≥ 0.9× the best of the grid', figure: share, atLeast: 0.9 }]),
    };
  });
}

async function measure(bench: Bench, gateway: ChildTarget) {
  const { ground, messages, options } = bench;
  await ground.renew(gateway.address, options.dimension);
  const writer = streamWriter(gateway.address);
  const figures = await measureWrites(writer, messages, {
    callers: 1,
    seconds: options.seconds,
    pid: gateway.pid,
  });
  writer.close();
  return figures;
}

function bestOf(results: readonly Result[]): string {
  const rate = ({ medians }: Result) => medians.pointsPerSecond ?? 0;
  const [best] = results.filter(({ row }) => row !== untuned.row).sort((a, b) => rate(b) - rate(a));
  return best?.row ?? '';
}
