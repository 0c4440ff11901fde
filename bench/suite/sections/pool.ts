import { rawCaller, toGateway } from '../callers/raw.js';
import { streamWriter } from '../callers/streams.js';
import { measureSearches, measureWrites } from '../measure.js';
import { type Cell, type Figures, interleave, type Result } from '../rounds.js';
import { geometricMean } from '../stats.js';
import type { ChildTarget } from '../targets/child.js';
import { fill } from './fill.js';
import { type Bench, gatewayFor, type SectionReport, withProcesses } from './section.js';

const channelCounts = [1, 2, 4, 8];
// Enough that connections are shared, and few enough that the run stays short.
const callers = 8;
const rowOf = (channels: number): string => `${channels} ${channels === 1 ? 'channel' : 'channels'}`;

/** How many connections to Qdrant the gateway should have: everything at 1 to 8 of them. */
export function runPool(bench: Bench): Promise<SectionReport> {
  return withProcesses(async (keep) => {
    const { options, onProgress } = bench;
    const gateways = await Promise.all(
      channelCounts.map(async (channels) => {
        const env = { POOL_CHANNELS_PER_NODE: String(channels) };
        return { channels, gateway: await keep(gatewayFor(bench, 'pool', env)) };
      }),
    );
    const cells = gateways.map(
      ({ channels, gateway }): Cell => ({
        row: rowOf(channels),
        callers,
        measure: () => measure(bench, gateway),
      }),
    );
    const results = await interleave(cells, options.rounds, onProgress);
    for (const { gateway } of gateways) await bench.ground.drop(gateway.address);
    return {
      name: 'pool',
      title: 'pool: connections to Qdrant (POOL_CHANNELS_PER_NODE)',
      results,
      notes: [verdict(results)],
      targets: [],
    };
  });
}

async function measure(bench: Bench, gateway: ChildTarget): Promise<Figures> {
  const { ground, options, messages, vectors } = bench;
  const load = { callers, seconds: options.seconds, pid: undefined };
  const raw = rawCaller(toGateway(gateway.address), vectors);
  const stream = streamWriter(gateway.address);
  await ground.renew(gateway.address, options.dimension);
  const unary = await measureWrites(raw, messages, load);
  await ground.renew(gateway.address, options.dimension);
  const streamed = await measureWrites(stream, messages, load);
  await fill(bench, gateway.address);
  const { callsPerSecond, p50Ms } = await measureSearches(raw, load);
  raw.close();
  stream.close();
  return {
    unaryPointsPerSecond: unary.pointsPerSecond,
    streamPointsPerSecond: streamed.pointsPerSecond,
    callsPerSecond,
    p50Ms,
  };
}

const rates = ['unaryPointsPerSecond', 'streamPointsPerSecond', 'callsPerSecond'];

/** Each rate as a share of the best one for it; a pool's worth is the geometric mean of its shares. */
function verdict(results: readonly Result[]): string {
  const worths = channelCounts.map((channels) => {
    const row = rowOf(channels);
    return { row, worth: geometricMean(rates.map((rate) => shareOfBest(results, row, rate))) };
  });
  const [winner] = [...worths].sort((a, b) => b.worth - a.worth);
  const list = worths.map(({ row, worth }) => `${row} ${(worth * 100).toFixed(1)} %`).join(', ');
  return `mean share of the best: ${list}; the winner: ${winner?.row}`;
}

function shareOfBest(results: readonly Result[], row: string, rate: string): number {
  const best = Math.max(...results.map(({ medians }) => medians[rate] ?? 0));
  return (results.find((result) => result.row === row)?.medians[rate] ?? 0) / best;
}
