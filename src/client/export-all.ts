import { setTimeout as sleep } from 'node:timers/promises';
import { ExportPointsRequest } from '../gen/vectorgateway/v1/points_service.js';
import { VectorGatewayError } from './client-error.js';
import type { Connection } from './connection.js';
import { type FilterInput, toWireFilter } from './filter.js';
import type { CallOptions } from './options.js';
import { decodeCursor, decodeExported, type StoredPoint } from './point-codec.js';
import { numbersOf, type ReconnectOptions, reconnectDefaults } from './reconnect.js';
import { type Shown, shownFields } from './requests.js';
import { backoffOf, isPassing } from './upsert-all/retry.js';

export interface ExportOptions extends CallOptions, Shown, ReconnectOptions {
  readonly filter?: FilterInput;
  /** Go on after the page that had this cursor. */
  readonly cursor?: string;
}

/** Some of the points of an export, and how to go on after them. */
export interface ExportPage {
  readonly points: readonly StoredPoint[];
  /** Undefined on the last page. */
  readonly cursor: string | undefined;
}

/** Pages of one export, through as many streams as it takes. */
export async function* exportPages(
  connection: Connection,
  collection: string,
  options: ExportOptions,
): AsyncGenerator<ExportPage, void, undefined> {
  const settings = numbersOf(reconnectDefaults, options);
  const { signal } = options;
  let { cursor } = options;
  let attempt = 0;
  for (;;) {
    try {
      const request = exportRequest(collection, options, cursor);
      for await (const reply of connection.serverStream(exportPath, request, { signal })) {
        attempt = 0;
        cursor = decodeCursor(reply);
        yield { points: decodeExported(reply), cursor };
        // After the last page it does not matter how the stream ends: there is nothing to go on with.
        if (cursor === undefined) return;
      }
      return;
    } catch (error) {
      if (!(error instanceof VectorGatewayError) || signal?.aborted === true) throw error;
      if (!isPassing(error) || attempt >= settings.maxReconnects) throw error;
      await pause(backoffOf(attempt, settings, error.retryDelayMs), signal);
      attempt += 1;
    }
  }
}

function exportRequest(collection: string, options: ExportOptions, cursor = ''): Uint8Array {
  return ExportPointsRequest.encode({
    ...shownFields({ withVector: true, ...options }),
    collection,
    filter: options.filter && toWireFilter(options.filter),
    cursor,
  }).finish();
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

const exportPath = '/vectorgateway.v1.PointsService/ExportPoints';
