import type { Logger, Metrics } from '../observe/index.js';
import type { TransportOptions } from '../transport/index.js';

/** Tells log and metrics of every call: one line and one observation each. */
export function reportCall(
  log: Logger,
  metrics: Metrics,
): Pick<TransportOptions, 'onCallStart' | 'onCallEnd' | 'onRpcs'> {
  return {
    onRpcs: (paths) => metrics.knowRpcs(paths.map(rpcName)),
    onCallStart: (record) => metrics.callStarted(rpcName(record.path)),
    onCallEnd: (record, code) => {
      const rpc = rpcName(record.path);
      const durationMs = performance.now() - record.startedAtMs;
      metrics.callFinished({ rpc, code, durationMs });
      metrics.bytesIn(rpc, record.bytesIn);
      metrics.bytesOut(rpc, record.bytesOut);
      log.call({
        requestId: record.requestId,
        tenant: record.tenant,
        principal: record.principal,
        rpc,
        code,
        durationMs,
        bytesIn: record.bytesIn,
        bytesOut: record.bytesOut,
        attempts: record.work.attempts,
        reason: record.reason,
        // The error behind an ordinary answer is for debugging only; an INTERNAL's cause must be in the log.
        cause: record.reason === 'INTERNAL' ? record.cause : undefined,
      });
    },
  };
}

// "/vectorgateway.v1.PointsService/SearchPoints" → "vectorgateway.v1.PointsService/SearchPoints"
function rpcName(path: string): string {
  return path.slice(1);
}
