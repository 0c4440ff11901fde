export { compileFilter } from './compile.js';
export { type Instant, parseInstant } from './datetime.js';
export { indexedTest } from './indexed.js';
export type { IndexLookup } from './indexes.js';
export type { FilterPoint } from './point.js';
export { textTokens } from './text-index.js';
