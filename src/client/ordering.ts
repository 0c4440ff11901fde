import { WriteOrderingType } from '../gen/vectorgateway/v1/enums.js';
import type { WriteOrdering as WireOrdering } from '../gen/vectorgateway/v1/points.js';
import { numberOf } from './named-numbers.js';

const orderings = {
  weak: WriteOrderingType.WRITE_ORDERING_TYPE_WEAK,
  medium: WriteOrderingType.WRITE_ORDERING_TYPE_MEDIUM,
  strong: WriteOrderingType.WRITE_ORDERING_TYPE_STRONG,
} as const;

/** How strictly writes to one collection are ordered across replicas. */
export type WriteOrdering = keyof typeof orderings;

/** Throws TypeError for an ordering that does not exist. */
export function toWireOrdering(ordering: WriteOrdering | undefined): WireOrdering | undefined {
  return ordering === undefined ? undefined : { type: numberOf(orderings, ordering, 'ordering') };
}
