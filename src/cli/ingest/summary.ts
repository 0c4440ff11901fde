import { thousands } from '../number-text.js';
import type { Counts } from './ledger.js';

/** What became of a run. */
export interface Summary {
  readonly file: string;
  readonly collection: string;
  readonly tenant: string;
  readonly isDryRun: boolean;
  readonly counts: Counts;
  /** Rows that earlier runs had settled. */
  readonly resumedAfter: number;
  readonly reconnects: number;
  readonly seconds: number;
  readonly rejectedFile: string;
  /** Everything was read. */
  readonly isComplete: boolean;
  readonly exitCode: number;
}

/** One line for scripts. */
export function summaryJson(summary: Summary): string {
  const { counts, rejectedFile, seconds } = summary;
  return `${JSON.stringify({
    file: summary.file,
    collection: summary.collection || undefined,
    tenant: summary.tenant || undefined,
    dryRun: summary.isDryRun,
    complete: summary.isComplete,
    rows: counts.rows,
    stored: counts.stored,
    rejected: counts.rejected,
    reasons: counts.reasons,
    rejectedFile: counts.rejected > 0 ? rejectedFile : undefined,
    resumedAfter: summary.resumedAfter,
    reconnects: summary.reconnects,
    seconds: Number(seconds.toFixed(3)),
    pointsPerSecond: perSecond(summary),
    exitCode: summary.exitCode,
  })}\n`;
}

export function summaryText(summary: Summary): string {
  const { counts, isDryRun, isComplete, rejectedFile } = summary;
  const verb = isDryRun ? 'checked' : isComplete ? 'ingested' : 'ingested a part of';
  const target = isDryRun ? '' : ` into ${summary.collection} of tenant ${summary.tenant}`;
  const rows: [string, string][] = [
    ['rows', thousands(counts.rows)],
    [isDryRun ? 'good' : 'stored', thousands(counts.stored)],
    ['rejected', `${thousands(counts.rejected)}${counts.rejected > 0 ? `  (see ${rejectedFile})` : ''}`],
  ];
  const reasons = Object.entries(counts.reasons).sort(([, a], [, b]) => b - a);
  for (const [reason, count] of reasons) rows.push([`  ${reason}`, thousands(count)]);
  if (summary.resumedAfter > 0) rows.push(['resumed', `after row ${thousands(summary.resumedAfter)}`]);
  if (summary.reconnects > 0) rows.push(['reconnects', thousands(summary.reconnects)]);
  rows.push(['time', `${summary.seconds.toFixed(1)} s, ${thousands(perSecond(summary))} points/s`]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return `${verb} ${summary.file}${target}\n${lines.join('\n')}\n`;
}

function perSecond({ counts, resumedAfter, seconds }: Summary): number {
  return Math.round((counts.rows - resumedAfter) / Math.max(0.001, seconds));
}
