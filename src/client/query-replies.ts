import { FacetPointsResponse } from '../gen/vectorgateway/v1/points_service.js';
import { GroupId } from '../gen/vectorgateway/v1/queries.js';
import { decodeFound, eachIn, type FoundPoint } from './point-codec.js';

/** A value of the field that makes the groups, and its best points. */
export interface FoundGroup {
  readonly id: bigint | string;
  readonly points: FoundPoint[];
}

/** A value of a payload field, and how many points have it. */
export interface FacetCount {
  readonly value: bigint | string | boolean;
  readonly count: number;
}

export function decodeBatch(reply: Uint8Array): FoundPoint[][] {
  return eachIn(reply, 1).map((result) => decodeFound(result));
}

export function decodeGroups(reply: Uint8Array): FoundGroup[] {
  return eachIn(reply, 1)
    .flatMap((result) => eachIn(result, 1))
    .map((group) => {
      const [id] = eachIn(group, 1);
      return { id: (id && GroupId.decode(id).kind?.value) ?? 0n, points: decodeFound(group, 2) };
    });
}

export function decodeFacet(reply: Uint8Array): FacetCount[] {
  return FacetPointsResponse.decode(reply).hits.map(({ value, count }) => ({
    value: value?.variant?.value ?? '',
    count: Number(count),
  }));
}
