import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type ConditionSchema,
  DeletePointsSchema,
  DeletePointVectorsSchema,
  type FilterSchema,
  type PointIdSchema,
  ScrollPointsSchema,
  SearchPointsSchema,
} from '@qdrant/js-client-grpc';
import type { StoreAnswer, TestStore } from './embedded-store.js';
import {
  entriesBytes,
  type Id,
  idBytes,
  type NewPoint,
  type PlainObject,
  pointsOfReply,
  readId,
  type ShownPoint,
  upsertRequest,
  vectorsBytes,
} from './payload-bytes.js';
import type { ModelCondition, ModelFilter, ModelQuery } from './store-model.js';
import { fieldsOf, lengthField, varintField } from './wire-bytes.js';

type IdInit = MessageInitShape<typeof PointIdSchema>;
type ConditionInit = MessageInitShape<typeof ConditionSchema>;
type FilterInit = MessageInitShape<typeof FilterSchema>;

const idInit = (id: Id): IdInit => ({
  pointIdOptions: 'num' in id ? { case: 'num', value: id.num } : { case: 'uuid', value: id.uuid },
});

function conditionInit(condition: ModelCondition): ConditionInit {
  switch (condition.is) {
    case 'keyword':
    case 'integer': {
      const { key, is, value } = condition;
      const matchValue = { case: is, value } as { case: 'keyword'; value: string };
      return { conditionOneOf: { case: 'field', value: { key, match: { matchValue } } } };
    }
    case 'above':
      return {
        conditionOneOf: { case: 'field', value: { key: condition.key, range: { gt: condition.bound } } },
      };
    case 'empty':
      return { conditionOneOf: { case: 'isEmpty', value: { key: condition.key } } };
    case 'id':
      return { conditionOneOf: { case: 'hasId', value: { hasId: condition.ids.map(idInit) } } };
  }
}

export const filterInit = ({ must, should, mustNot }: ModelFilter): FilterInit => ({
  must: must.map(conditionInit),
  should: should.map(conditionInit),
  mustNot: mustNot.map(conditionInit),
});

/** One collection of a store, spoken to in the terms of the model. */
export class StoreCollection {
  constructor(
    private readonly store: TestStore,
    readonly name: string,
  ) {}

  upsert(points: readonly NewPoint[]): Promise<StoreAnswer> {
    return this.store.raw('Points/Upsert', upsertRequest(this.name, points));
  }

  delete(ids: readonly Id[]): Promise<StoreAnswer> {
    const points = { pointsSelectorOneOf: { case: 'points' as const, value: { ids: ids.map(idInit) } } };
    return this.store.answer('Points/Delete', DeletePointsSchema, { collectionName: this.name, points });
  }

  deleteWhere(filter: ModelFilter): Promise<StoreAnswer> {
    const points = { pointsSelectorOneOf: { case: 'filter' as const, value: filterInit(filter) } };
    return this.store.answer('Points/Delete', DeletePointsSchema, { collectionName: this.name, points });
  }

  /** In bytes, because of the payload's keys. */
  setPayload(ids: readonly Id[], payload: PlainObject): Promise<StoreAnswer> {
    const list = Buffer.concat(ids.map((id) => lengthField(1, idBytes(id))));
    const parts = [lengthField(1, this.name), entriesBytes(3, payload), lengthField(5, lengthField(1, list))];
    return this.store.raw('Points/SetPayload', Buffer.concat(parts));
  }

  setVector(id: Id, vector: readonly number[]): Promise<StoreAnswer> {
    const point = Buffer.concat([lengthField(1, idBytes(id)), lengthField(2, vectorsBytes(vector))]);
    const parts = [lengthField(1, this.name), varintField(2, 1), lengthField(3, point)];
    return this.store.raw('Points/UpdateVectors', Buffer.concat(parts));
  }

  dropVector(id: Id): Promise<StoreAnswer> {
    return this.store.answer('Points/DeleteVectors', DeletePointVectorsSchema, {
      collectionName: this.name,
      pointsSelector: { pointsSelectorOneOf: { case: 'points', value: { ids: [idInit(id)] } } },
      vectors: { names: [''] },
    });
  }

  async search(query: ModelQuery & { withPayload?: boolean }): Promise<ShownPoint[]> {
    const answer = await this.store.answer('Points/Search', SearchPointsSchema, {
      collectionName: this.name,
      vector: [...query.vector],
      filter: query.filter && filterInit(query.filter),
      offset: BigInt(query.offset),
      limit: BigInt(query.limit),
      scoreThreshold: query.threshold,
      withPayload: { selectorOptions: { case: 'enable', value: query.withPayload ?? false } },
    });
    return pointsOfReply(bytesOf(answer), 1);
  }

  count(filter?: ModelFilter): Promise<number> {
    return this.store.count(this.name, filter && filterInit(filter));
  }

  /** Every page of a scroll; `pageSize` points at a time. */
  async scroll(pageSize: number, filter?: ModelFilter): Promise<ShownPoint[][]> {
    const pages: ShownPoint[][] = [];
    for (let offset: string | undefined = ''; offset !== undefined; ) {
      const answer: StoreAnswer = await this.store.answer('Points/Scroll', ScrollPointsSchema, {
        collectionName: this.name,
        limit: pageSize,
        filter: filter && filterInit(filter),
        offset: offset === '' ? undefined : idInit(shownId(offset)),
      });
      const reply = bytesOf(answer);
      pages.push(pointsOfReply(reply, 2));
      offset = nextOffset(reply);
    }
    return pages;
  }
}

export const shownId = (id: string): Id => (id.includes('-') ? { uuid: id } : { num: BigInt(id) });

function bytesOf({ code, message, bytes }: StoreAnswer): Buffer {
  if (code !== 'OK') throw new Error(`${code} ${message}`);
  return bytes;
}

/** ScrollResponse.next_page_offset, field 1. */
function nextOffset(reply: Buffer): string | undefined {
  const next = fieldsOf(reply).find(({ field }) => field === 1);
  // Tag and length are a byte each: an id is short.
  return next && readId(next.bytes.subarray(2));
}
