import { GatewayError } from '../../errors/index.js';
import { UpsertSummary } from '../../gen/vectorgateway/v1/points.js';
import type { Ledger } from './ledger.js';

/** The error of a stream that failed: the reason it failed for, and the summary of what was done until then. */
export function streamError(error: unknown, ledger: Ledger): GatewayError {
  const known =
    error instanceof GatewayError ? error : new GatewayError('INTERNAL', 'internal error', { cause: error });
  const summary = fittingSummary(ledger);
  const next = ledger.durableThrough + 1;
  const text = `${known.message} (${ledger.upserted} of ${ledger.received} points received are stored; send again from index ${next})`;
  return new GatewayError(known.reason, text, {
    violations: known.violations,
    metadata: known.metadata,
    retryDelayMs: known.retryDelayMs,
    indeterminate: summary.indeterminate.length > 0,
    detail: { typeName: 'vectorgateway.v1.UpsertSummary', value: UpsertSummary.encode(summary).finish() },
    cause: known.cause ?? error,
  });
}

// Trailers have little room, and a status whose details do not fit would arrive as no status at all.
function fittingSummary(ledger: Ledger): UpsertSummary {
  for (let listed = maxListedInError; ; listed = Math.floor(listed / 2)) {
    const summary = ledger.summary(listed);
    if (listed === 0 || UpsertSummary.encode(summary).finish().length <= maxSummaryBytes) return summary;
  }
}

const maxListedInError = 50;
const maxSummaryBytes = 2000;
