import { PayloadSchemaType } from '@qdrant/js-client-grpc';
import type { Json, JsonObject } from '../model/json.js';
import { parsePath, valuesAt } from '../model/json-path.js';
import { uuidKey } from '../model/point-id.js';
import { parseInstant } from './datetime.js';
import { placeOf } from './geo.js';
import type { ValueTest } from './point.js';

/** Whether a payload has something that an index of this type on this path holds. Throws for a bad path. */
export function indexedTest(path: string, type: PayloadSchemaType): (payload: JsonObject) => boolean {
  const steps = parsePath(path);
  const holds = holdsValue(type);
  return (payload) =>
    valuesAt(payload, steps).some((value) => (Array.isArray(value) ? value.some(holds) : holds(value)));
}

function holdsValue(type: PayloadSchemaType): ValueTest {
  switch (type) {
    case PayloadSchemaType.Keyword:
    case PayloadSchemaType.Text:
      return (value) => typeof value === 'string';
    case PayloadSchemaType.Integer:
      return (value) => typeof value === 'bigint' || Number.isSafeInteger(value);
    case PayloadSchemaType.Float:
      return (value) => typeof value === 'bigint' || typeof value === 'number';
    case PayloadSchemaType.Bool:
      return (value) => typeof value === 'boolean';
    case PayloadSchemaType.Geo:
      return (value) => placeOf(value) !== undefined;
    case PayloadSchemaType.Datetime:
      return (value) => typeof value === 'string' && parseInstant(value) !== undefined;
    case PayloadSchemaType.Uuid:
      return isUuid;
    case PayloadSchemaType.UnknownType:
      return () => false;
  }
}

function isUuid(value: Json): boolean {
  try {
    return typeof value === 'string' && uuidKey(value) !== '';
  } catch {
    return false;
  }
}
