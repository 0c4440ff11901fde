import type { Json, JsonObject } from '../model/json.js';
import type { IdKey } from '../model/point-id.js';

/** What a filter looks at. `payload` and `hasVector` are asked only when a condition needs them. */
export interface FilterPoint {
  readonly id: IdKey;
  /** Must not be changed by the filter; may be asked several times, so keep what was decoded. */
  payload(): JsonObject;
  /** The unnamed vector has the name ''. */
  hasVector(name: string): boolean;
}

/** A test of one value of the payload. */
export type ValueTest = (value: Json) => boolean;
