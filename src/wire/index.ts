export { type PointsEnvelope, readPointsEnvelope } from './envelope.js';
export { type ExportedPage, exportedPage } from './export.js';
export { checkFilter, type FilterRules } from './filter.js';
export { type IngestFields, readIngestFields } from './ingest-fields.js';
export { isJsonPath, jsonPathRule } from './json-path.js';
export { limits } from './limits.js';
export type { MessageBody } from './message-body.js';
export { readPayload, wantsStruct } from './payload.js';
export { checkPointId } from './point-id.js';
export {
  appendPoints,
  type CheckedPoint,
  type CheckResult,
  checkPoints,
  checkPointVectors,
  encodePointsBody,
  type RejectedPoint,
} from './points.js';
export { keepFields, mapMessages, messagesIn, payloadsToStruct } from './reply.js';
export { decodeRequest, scanRequest } from './request.js';
export { readSearchId, readStreamSearch, type StreamSearch } from './stream-search.js';
export { withoutField } from './without-field.js';
