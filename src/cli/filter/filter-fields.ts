/** A field of a message: its number, and what it holds. */
export interface Field {
  readonly number: number;
  /** A scalar type of proto, "timestamp", or the name of a message here. */
  readonly holds: string;
  readonly isList?: boolean;
}

export interface Message {
  readonly fields: Readonly<Record<string, Field>>;
  /** Of its fields exactly one is set. */
  readonly isOneOf?: boolean;
}

const one = (number: number, holds: string): Field => ({ number, holds });
const list = (number: number, holds: string): Field => ({ number, holds, isList: true });
const bounds = (holds: string): Message => ({
  fields: { lt: one(1, holds), gt: one(2, holds), gte: one(3, holds), lte: one(4, holds) },
});

// The generated code reads no JSON. These are the messages of filter.proto; a test compares them with it.
export const filterMessage: Message = {
  fields: {
    should: list(1, 'Condition'),
    must: list(2, 'Condition'),
    must_not: list(3, 'Condition'),
    min_should: one(4, 'MinShould'),
  },
};

const messages: Readonly<Record<string, Message>> = {
  Filter: filterMessage,
  MinShould: { fields: { conditions: list(1, 'Condition'), min_count: one(2, 'uint64') } },
  Condition: {
    isOneOf: true,
    fields: {
      field: one(1, 'FieldCondition'),
      is_empty: one(2, 'Key'),
      has_id: one(3, 'HasId'),
      filter: one(4, 'Filter'),
      is_null: one(5, 'Key'),
      nested: one(6, 'Nested'),
      has_vector: one(7, 'HasVector'),
    },
  },
  Key: { fields: { key: one(1, 'string') } },
  HasId: { fields: { has_id: list(1, 'PointId') } },
  HasVector: { fields: { has_vector: one(1, 'string') } },
  Nested: { fields: { key: one(1, 'string'), filter: one(2, 'Filter') } },
  PointId: { isOneOf: true, fields: { num: one(1, 'uint64'), uuid: one(2, 'string') } },
  FieldCondition: {
    fields: {
      key: one(1, 'string'),
      match: one(2, 'Match'),
      range: one(3, 'Range'),
      geo_bounding_box: one(4, 'GeoBoundingBox'),
      geo_radius: one(5, 'GeoRadius'),
      values_count: one(6, 'ValuesCount'),
      geo_polygon: one(7, 'GeoPolygon'),
      datetime_range: one(8, 'DatetimeRange'),
      is_empty: one(9, 'bool'),
      is_null: one(10, 'bool'),
    },
  },
  Match: {
    isOneOf: true,
    fields: {
      keyword: one(1, 'string'),
      integer: one(2, 'int64'),
      boolean: one(3, 'bool'),
      text: one(4, 'string'),
      keywords: one(5, 'Strings'),
      integers: one(6, 'Integers'),
      except_integers: one(7, 'Integers'),
      except_keywords: one(8, 'Strings'),
      phrase: one(9, 'string'),
      text_any: one(10, 'string'),
    },
  },
  Strings: { fields: { strings: list(1, 'string') } },
  Integers: { fields: { integers: list(1, 'int64') } },
  Range: bounds('double'),
  ValuesCount: bounds('uint64'),
  DatetimeRange: bounds('timestamp'),
  GeoPoint: { fields: { lon: one(1, 'double'), lat: one(2, 'double') } },
  GeoBoundingBox: { fields: { top_left: one(1, 'GeoPoint'), bottom_right: one(2, 'GeoPoint') } },
  GeoRadius: { fields: { center: one(1, 'GeoPoint'), radius: one(2, 'float') } },
  GeoLine: { fields: { points: list(1, 'GeoPoint') } },
  GeoPolygon: { fields: { exterior: one(1, 'GeoLine'), interiors: list(2, 'GeoLine') } },
};

/** Undefined for a scalar. */
export function messageOf(name: string): Message | undefined {
  return Object.hasOwn(messages, name) ? messages[name] : undefined;
}
