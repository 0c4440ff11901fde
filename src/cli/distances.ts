import type { Distance } from '../client/index.js';

/** Choices of --distance. */
export const distances: readonly Distance[] = ['cosine', 'euclid', 'dot', 'manhattan'];
