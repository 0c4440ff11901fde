export { checkCollectionWeight } from './collection-weight.js';
export { decodeQdrantRequest } from './decode.js';
export { type PointRecords, splitPoints } from './point-records.js';
export { checkQdrantRequest, type FloatsOf, type NameReference } from './request-check.js';
