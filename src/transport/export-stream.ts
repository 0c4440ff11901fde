import { exportPoints, type ServiceDeps } from '../services/index.js';
import type { RawServerStream, ServerStreamRow } from './rpc-table.js';
import { drained } from './stream-room.js';

/** The row of ExportPoints. */
export function exportRow(deps: ServiceDeps): ServerStreamRow {
  return {
    kind: 'server-stream',
    needs: 'read',
    handle: (scope, call: RawServerStream, context) => {
      const send = async (message: Buffer): Promise<void> => {
        if (context.signal.aborted) throw context.signal.reason;
        if (!call.write(message)) await drained(call, context.signal);
      };
      return exportPoints(deps, scope, call.request, send, context);
    },
  };
}
