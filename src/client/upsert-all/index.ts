import type { Connection } from '../connection.js';
import type { PointInput } from '../point-codec.js';
import { MessageSource } from './message-source.js';
import { settingsOf, type UpsertAllOptions, type UpsertAllResult } from './types.js';
import { UpsertRun } from './upsert-run.js';

export type { UpsertAllOptions, UpsertAllProgress, UpsertAllResult, UpsertRejection } from './types.js';

/** Rejects with what the source or a function of the options throws, with the signal's reason, or VectorGatewayError. */
export async function upsertAll(
  connection: Connection,
  collection: string,
  source: Iterable<PointInput> | AsyncIterable<PointInput>,
  options: UpsertAllOptions,
): Promise<UpsertAllResult> {
  const settings = settingsOf(options);
  const messages = new MessageSource(source, settings.pointsPerMessage);
  const open = () => connection.duplex('/vectorgateway.v1.PointsService/IngestPoints');
  return new UpsertRun(open, collection, messages, settings).run();
}
