import { officialCaller } from '../callers/official.js';
import { ownCaller } from '../callers/own-client.js';
import { rawCaller, toBare, toGateway, toQdrant } from '../callers/raw.js';
import type { Searcher } from '../callers/types.js';
import { measureSearches } from '../measure.js';
import { type Cell, interleave, type Result, ratio } from '../rounds.js';
import { type ChildTarget, startChild } from '../targets/child.js';
import { fill, searchedPoints } from './fill.js';
import { type Bench, gatewayFor, isWanted, judge, type SectionReport, withProcesses } from './section.js';

interface Row {
  readonly name: string;
  readonly searcher: Searcher;
  readonly middle: ChildTarget | undefined;
}

/** Latency of searches, and what one costs the gateway. */
export function runSearch(bench: Bench): Promise<SectionReport> {
  return withProcesses(async (keep) => {
    const { direct, options } = bench;
    const gateway = await keep(gatewayFor(bench, 'search'));
    const bare = direct && (await keep(startChild('bare-proxy.js', direct)));
    await fill(bench, gateway.address);
    const rows = rowsOf(bench, gateway, bare).filter(isWanted(options.rows));
    const measure = (row: Row, callers: number, seconds: number) =>
      measureSearches(row.searcher, { callers, seconds, pid: row.middle?.pid });
    bench.onProgress('warming up');
    for (const row of rows) await measure(row, 8, Math.min(1, options.seconds));
    const cells = options.callers.flatMap((callers) =>
      rows.map(
        (row): Cell => ({ row: row.name, callers, measure: () => measure(row, callers, options.seconds) }),
      ),
    );
    const results = await interleave(cells, options.rounds, bench.onProgress);
    for (const { searcher } of rows) searcher.close();
    await bench.ground.drop(gateway.address);
    return {
      name: 'search',
      title: `search: the 10 nearest of ${searchedPoints} points, with payload`,
      results,
      notes: [],
      targets: judge(bench, bounds(results, options.callers)),
    };
  });
}

function rowsOf({ direct, vectors }: Bench, gateway: ChildTarget, bare: ChildTarget | undefined): Row[] {
  const beside =
    direct === undefined || bare === undefined
      ? []
      : [
          { name: 'official', searcher: officialCaller(direct, vectors), middle: undefined },
          {
            name: 'official-plain',
            searcher: officialCaller(direct, vectors, { compression: false }),
            middle: undefined,
          },
          { name: 'raw', searcher: rawCaller(toQdrant(direct), vectors), middle: undefined },
          { name: 'bare', searcher: rawCaller(toBare(bare.address, direct), vectors), middle: bare },
        ];
  return [
    ...beside,
    { name: 'unary', searcher: rawCaller(toGateway(gateway.address), vectors), middle: gateway },
    { name: 'client', searcher: ownCaller(gateway.address, vectors), middle: gateway },
  ];
}

function bounds(results: readonly Result[], callers: readonly number[]) {
  return callers.flatMap((count) => [
    {
      text: `search p50 ≤ 1.15× bare, ${count} at a time`,
      figure: ratio(results, 'p50Ms', ['unary', 'bare'], count),
      atMost: 1.15,
    },
    {
      text: `gateway CPU per search ≤ 1.25× bare, ${count} at a time`,
      figure: ratio(results, 'cpuMicrosPerCall', ['unary', 'bare'], count),
      atMost: 1.25,
    },
  ]);
}
