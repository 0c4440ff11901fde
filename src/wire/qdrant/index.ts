export { checkCollectionWeight } from './collection-weight.js';
export { decodeQdrantRequest } from './decode.js';
export { type Face, nativeFace } from './face.js';
export { type PointRecords, splitPoints } from './point-records.js';
export { checkQdrantRequest, type KnownVectors, type NameReference } from './request-check.js';
