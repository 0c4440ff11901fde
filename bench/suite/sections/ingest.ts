import { officialCaller } from '../callers/official.js';
import { ownCaller } from '../callers/own-client.js';
import { rawCaller, toBare, toGateway, toQdrant } from '../callers/raw.js';
import { ingestWriter, streamWriter } from '../callers/streams.js';
import type { Writer } from '../callers/types.js';
import { measureWrites } from '../measure.js';
import { type Cell, interleave, type Result, ratio } from '../rounds.js';
import { type ChildTarget, startChild } from '../targets/child.js';
import { type Bench, gatewayFor, isWanted, judge, type SectionReport, withProcesses } from './section.js';

interface Row {
  readonly name: string;
  readonly writer: Writer;
  /** The process between caller and Qdrant. */
  readonly middle: ChildTarget | undefined;
}

/** Points a second: streams and unary calls through the gateway, beside those who do without it. */
export function runIngest(bench: Bench): Promise<SectionReport> {
  return withProcesses(async (keep) => {
    const { direct, options } = bench;
    const gateway = await keep(gatewayFor(bench, 'ingest'));
    const bare = direct && (await keep(startChild('bare-proxy.js', direct)));
    const rows = [...beside(bench, bare), ...through(bench, gateway)].filter(isWanted(options.rows));
    const cells = options.callers.flatMap((callers) =>
      rows.map(
        (row): Cell => ({ row: row.name, callers, measure: () => measure(bench, gateway, row, callers) }),
      ),
    );
    bench.onProgress('warming up');
    for (const row of rows) await measure(bench, gateway, row, 1, Math.min(0.3, options.seconds));
    const results = await interleave(cells, options.rounds, bench.onProgress);
    for (const { writer } of rows) writer.close();
    await bench.ground.drop(gateway.address);
    return {
      name: 'ingest',
      title: `ingest: points/s, messages of ${options.batch} points`,
      results,
      notes: rows.flatMap(refusalsOf),
      targets: judge(bench, bounds(results, options.callers)),
    };
  });
}

function refusalsOf({ name, writer }: Row): string[] {
  const count = writer.refusals?.() ?? 0;
  return count === 0 ? [] : [`${name}: its connection did not take ${count} calls, which were made again`];
}

function beside({ direct, vectors }: Bench, bare: ChildTarget | undefined): Row[] {
  if (direct === undefined || bare === undefined) return [];
  const middle = undefined;
  return [
    { name: 'official', writer: officialCaller(direct, vectors), middle },
    { name: 'official-plain', writer: officialCaller(direct, vectors, { compression: false }), middle },
    { name: 'raw', writer: rawCaller(toQdrant(direct), vectors), middle },
    { name: 'bare', writer: rawCaller(toBare(bare.address, direct), vectors), middle: bare },
  ];
}

function through({ vectors }: Bench, gateway: ChildTarget): Row[] {
  const { address } = gateway;
  return [
    { name: 'unary', writer: rawCaller(toGateway(address), vectors), middle: gateway },
    { name: 'stream', writer: streamWriter(address), middle: gateway },
    { name: 'ingest', writer: ingestWriter(address), middle: gateway },
    { name: 'upsertAll', writer: ownCaller(address, vectors), middle: gateway },
  ];
}

async function measure(bench: Bench, gateway: ChildTarget, row: Row, callers: number, seconds?: number) {
  await bench.ground.renew(gateway.address, bench.options.dimension);
  return measureWrites(row.writer, bench.messages, {
    callers,
    seconds: seconds ?? bench.options.seconds,
    pid: row.middle?.pid,
  });
}

function bounds(results: readonly Result[], callers: readonly number[]) {
  const rate = (over: string, under: string, count: number) =>
    ratio(results, 'pointsPerSecond', [over, under], count);
  return [
    ...callers.flatMap((count) => [
      {
        text: `stream ≥ 4× official client with its defaults, ${count} at a time`,
        figure: rate('stream', 'official', count),
        atLeast: 4,
      },
      {
        text: `stream ≥ 1.2× official client without compression, ${count} at a time`,
        figure: rate('stream', 'official-plain', count),
        atLeast: 1.2,
      },
      {
        text: `unary ≥ 0.95× bare, ${count} at a time`,
        figure: rate('unary', 'bare', count),
        atLeast: 0.95,
      },
    ]),
    { text: 'stream ≥ 1.0× raw, 1 at a time', figure: rate('stream', 'raw', 1), atLeast: 1 },
  ];
}
