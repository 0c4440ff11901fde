import type { Machine } from '../machine.js';
import { canReadUsage } from '../process-usage.js';
import type { Result } from '../rounds.js';
import type { SectionReport, Target } from '../sections/section.js';

/** Headings of the figures, and how many decimals they have. */
const columns: Readonly<Record<string, readonly [string, number]>> = {
  pointsPerSecond: ['points/s', 0],
  cpuMicrosPerPoint: ['CPU µs/point', 1],
  p50Ms: ['p50 ms', 2],
  p99Ms: ['p99 ms', 2],
  callsPerSecond: ['searches/s', 0],
  cpuMicrosPerCall: ['CPU µs/search', 0],
  unaryPointsPerSecond: ['unary points/s', 0],
  streamPointsPerSecond: ['stream points/s', 0],
  overIdleMiB: ['MiB over idle', 1],
  idleMiB: ['idle MiB', 1],
  peakMiB: ['peak MiB', 1],
  points: ['points', 0],
};

export function machineText(machine: Machine, backend: string): string {
  const packages = Object.entries(machine.packages).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, load ${machine.load}`,
    `node ${machine.node}, vector-gateway ${machine.gateway}, ${packages.join(', ')}`,
    backend,
    canReadUsage
      ? 'CPU and memory of the process in the middle, from /proc'
      : 'no /proc here: CPU and memory are not measured',
    '',
  ].join('\n');
}

/** A section's medians as a table, and its notes. */
export function sectionText({ title, results, notes }: SectionReport): string {
  const names = Object.keys(columns).filter((name) => results.some(({ medians }) => name in medians));
  const head = ['row', 'at a time', ...names.map((name) => columns[name]?.[0] ?? name)];
  const body = results.map((result) => [result.row, String(result.callers), ...cells(result, names)]);
  return [title, ...aligned([head, ...body]), ...notes, ''].join('\n');
}

const cells = ({ medians }: Result, names: readonly string[]): string[] =>
  names.map((name) => medians[name]?.toFixed(columns[name]?.[1] ?? 1) ?? '–');

export function targetsText(targets: readonly Target[], isJudged: boolean): string {
  if (!isJudged) return 'targets are judged on a real Qdrant only: set QDRANT_URL\n';
  if (targets.length === 0) return '';
  const rows = targets.map(({ text, figure, met }) => [text, figure.toFixed(2), met ? 'met' : 'MISSED']);
  return `${aligned([['target', 'figure', 'met?'], ...rows]).join('\n')}\n`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2),
      )
      .join(''),
  );
}
