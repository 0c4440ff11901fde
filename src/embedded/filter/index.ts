export { compileFilter } from './compile.js';
export type { IndexLookup } from './indexes.js';
export type { FilterPoint } from './point.js';
export { textTokens } from './text-index.js';
