export { createCollection, deleteCollection, getCollection, updateCollection } from './collections.js';
export type { ServiceDeps, UnaryUseCase } from './deps.js';
export { exportPoints, type SendMessage } from './export.js';
export { FactsCache } from './facts.js';
export { type IngestOptions, type IngestReplies, ingest } from './ingest/index.js';
export { listCollections } from './list-collections.js';
export { createPayloadIndex, deletePayloadIndex } from './payload-indexes.js';
export { clearPayload, deletePayload, deletePoints, overwritePayload, setPayload } from './points-payload.js';
export { facetPoints, queryPointGroups, queryPoints } from './points-query.js';
export { countPoints, getPoints, scrollPoints } from './points-read.js';
export { searchPoints, searchPointsBatch } from './points-search.js';
export { updateVectors, upsertPoints } from './points-write.js';
export { qdrantCollections, qdrantPoints } from './qdrant/index.js';
export { type SearchReplies, type StreamSearchOptions, streamSearch } from './stream-search/index.js';
export {
  type IncomingMessage,
  type IncomingMessages,
  type StreamUpsertOptions,
  streamUpsert,
} from './stream-upsert/index.js';
