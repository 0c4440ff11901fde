export { compileFilter } from './compile.js';
export type { FilterPoint } from './point.js';
