import { officialCaller } from '../callers/official.js';
import { rawCaller, toGateway, toQdrant } from '../callers/raw.js';
import { streamWriter } from '../callers/streams.js';
import type { Writer } from '../callers/types.js';
import { measureWrites } from '../measure.js';
import { type Cell, interleave } from '../rounds.js';
import { type ChildTarget, startChild } from '../targets/child.js';
import { addressOf, type DirectTarget } from '../targets/direct.js';
import type { DistanceInput } from '../targets/distance.js';
import { type Bench, gatewayFor, type SectionReport, withProcesses } from './section.js';

const roundTripMs = 10;

interface Row {
  readonly name: string;
  readonly writer: Writer;
}

/** Ingest by one caller who is 10 ms away from the gateway, or from Qdrant. */
export function runDistance(bench: Bench): Promise<SectionReport> {
  return withProcesses(async (keep) => {
    const { direct, options, ground } = bench;
    const gateway = await keep(gatewayFor(bench, 'distance'));
    const away = (target: string) => {
      const input: DistanceInput = { target, roundTripMs };
      return keep(startChild('distance.js', input));
    };
    const near = await away(gateway.address);
    // The name in a certificate would not be the proxy's: only without TLS can Qdrant be moved away.
    const far = direct?.url.startsWith('http:') ? await away(addressOf(direct)) : undefined;
    const rows = [...through(bench, near), ...beside(bench, direct, far)];
    const measure = async ({ writer }: Row) => {
      await ground.renew(gateway.address, options.dimension);
      return measureWrites(writer, bench.messages, { callers: 1, seconds: options.seconds, pid: undefined });
    };
    const cells = rows.map((row): Cell => ({ row: row.name, callers: 1, measure: () => measure(row) }));
    const results = await interleave(cells, options.rounds, bench.onProgress);
    for (const { writer } of rows) writer.close();
    await ground.drop(gateway.address);
    return {
      name: 'distance',
      title: `distance: ingest by one caller ${roundTripMs} ms away`,
      results,
      notes: [],
      targets: [],
    };
  });
}

function through({ vectors }: Bench, near: ChildTarget): Row[] {
  return [
    { name: 'unary', writer: rawCaller(toGateway(near.address), vectors) },
    { name: 'stream', writer: streamWriter(near.address) },
  ];
}

function beside({ vectors }: Bench, direct: DirectTarget | undefined, far: ChildTarget | undefined): Row[] {
  if (direct === undefined || far === undefined) return [];
  const moved = { ...direct, url: `http://${far.address}` };
  return [
    { name: 'official', writer: officialCaller(moved, vectors) },
    { name: 'official-plain', writer: officialCaller(moved, vectors, { compression: false }) },
    { name: 'raw', writer: rawCaller(toQdrant(moved), vectors) },
  ];
}
