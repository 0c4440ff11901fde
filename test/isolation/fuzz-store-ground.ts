import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import {
  ChangeAliasesSchema,
  CollectionExistsRequestSchema,
  CollectionExistsResponseSchema,
  CreateCollectionSchema,
  DeleteCollectionSchema,
  DeletePointsSchema,
  ListAliasesRequestSchema,
  ListAliasesResponseSchema,
  ListCollectionsRequestSchema,
  ListCollectionsResponseSchema,
  ScrollPointsSchema,
  UpsertPointsSchema,
} from '@qdrant/js-client-grpc';
import { metadataOf, RawClient } from '../support/clients.js';
import { startTestGateway } from '../support/gateway.js';
import { homesOf } from './fuzz-calls.js';
import { withoutTimes } from './fuzz-oracle.js';
import { batchesInARow, type FuzzGround } from './fuzz-run.js';
import { knownCount, outsider, type Tenant, tenants, units } from './fuzz-world.js';
import { qdrantMethod } from './qdrant-names.js';

/** A gateway before the embedded store, or the Qdrant at QDRANT_URL, where every tenant has points. */
export async function startStoreGround(): Promise<FuzzGround & { close(): Promise<void> }> {
  const gateway = await startTestGateway();
  const client = new RawClient(gateway.address);
  const store = new Store(client);
  await store.seed();
  const watch = new Watch(store);
  return {
    // What is random in a search, and the points' place in the store, may differ.
    comparesPoints: false,
    call: ({ tenant, rpc, messages }) =>
      client.call(rpc, messages, metadataOf(['x-company-id', tenant]), { timeoutMs: 30_000 }),
    prepare: (batch, tenant) => {
      gateway.logLines.length = 0;
      return watch.before(batch, tenant);
    },
    faultBehind: (batch, tenant) => watch.after(batch, tenant),
    resetOutsider: async (calls) => {
      if (calls.some(({ rpc }) => /Create|Delete|Alias/.test(rpc.path))) await store.resetOutsider();
    },
    close: async () => {
      client.close();
      await gateway.close();
    },
  };
}

/** The tenants' data, by way of the gateway, as each tenant itself. */
class Store {
  readonly #client: RawClient;

  constructor(client: RawClient) {
    this.#client = client;
  }

  async seed(): Promise<void> {
    for (const tenant of tenants) {
      for (const name of collectionsOf(tenant)) await this.#seedOne(tenant, name);
    }
    await this.resetOutsider();
  }

  /** What a tenant has, as text: names, aliases, points with their payloads and vectors. */
  async imageOf(tenant: Tenant): Promise<string> {
    const parts = [await this.#names(tenant.id), await this.#aliases(tenant.id)].map((list) =>
      list
        .map((each) => JSON.stringify(each))
        .sort()
        .join(),
    );
    for (const name of collectionsOf(tenant)) parts.push(await this.pointsOf(tenant, name));
    return parts.join('\n');
  }

  /** Waits for writes of the tenant that were answered before they were done: a deletion of nothing comes after them. */
  async settle({ id, known }: Tenant): Promise<void> {
    const nothing = { ids: [{ pointIdOptions: { case: 'num' as const, value: 424_242n } }] };
    const points = { pointsSelectorOneOf: { case: 'points' as const, value: nothing } };
    for (const collectionName of [...known, 'docs']) {
      await this.#ask(id, 'Points/Delete', DeletePointsSchema, { collectionName, wait: true, points });
    }
  }

  async pointsOf({ id }: Tenant, collectionName: string): Promise<string> {
    const request = {
      collectionName,
      limit: 1_000,
      withPayload: { selectorOptions: { case: 'enable' as const, value: true } },
      withVectors: { selectorOptions: { case: 'enable' as const, value: true } },
    };
    const { code, reply } = await this.#ask(id, 'Points/Scroll', ScrollPointsSchema, request);
    return `${collectionName} ${status[code]} ${withoutTimes(qdrantMethod('Points/Scroll').output, reply)}`;
  }

  /** Makes what is missing of what others know; calls of the tenant itself may have deleted it. */
  async repair(tenant: Tenant): Promise<void> {
    const names = await this.#names(tenant.id);
    for (const name of names) {
      if (!collectionsOf(tenant).includes(name)) await this.#drop(tenant.id, name);
    }
    for (const name of collectionsOf(tenant))
      if (!(await this.#exists(tenant.id, name))) await this.#seedOne(tenant, name);
  }

  async resetOutsider(): Promise<void> {
    const homes = Array.from({ length: knownCount }, (_, slot) => homesOf(slot)).flat();
    for (const name of await this.#names(outsider)) {
      if (!homes.includes(name)) await this.#drop(outsider, name);
    }
    const aliases = await this.#aliases(outsider);
    if (aliases.length > 0) {
      const actions = aliases.map(({ aliasName }) => ({
        action: { case: 'deleteAlias' as const, value: { aliasName } },
      }));
      await this.#ask(outsider, 'Collections/UpdateAliases', ChangeAliasesSchema, { actions });
    }
    for (const name of homes) {
      if (!(await this.#exists(outsider, name))) await this.#make(outsider, name);
    }
  }

  async #seedOne(tenant: Tenant, name: string): Promise<void> {
    await this.#make(tenant.id, name);
    const ids = [...tenant.knownIds, ...tenant.secretIds].map((value) => ({
      pointIdOptions: { case: 'num' as const, value },
    }));
    const uuid = { pointIdOptions: { case: 'uuid' as const, value: tenant.secretUuid } };
    const points = [...ids, uuid].map((id, index) => ({
      id,
      vectors: vectorOf(index, tenant.secretFloat),
      payload: {
        secret: { kind: { case: 'stringValue' as const, value: tenant.secretWord } },
        kind: { kind: { case: 'stringValue' as const, value: 'own' } },
      },
    }));
    const request = { collectionName: name, wait: true, points };
    const { code, message } = await this.#ask(tenant.id, 'Points/Upsert', UpsertPointsSchema, request);
    if (code !== status.OK) throw new Error(`the points of ${name} were not taken: ${message}`);
  }

  async #make(tenantId: string, collectionName: string): Promise<void> {
    const vectorsConfig = { config: { case: 'params' as const, value: { size: 4n, distance: dot } } };
    const request = { collectionName, vectorsConfig, shardNumber: 1 };
    const { code, message } = await this.#ask(
      tenantId,
      'Collections/Create',
      CreateCollectionSchema,
      request,
    );
    if (code !== status.OK) throw new Error(`${collectionName} was not made: ${message}`);
  }

  async #drop(tenantId: string, collectionName: string): Promise<void> {
    await this.#ask(tenantId, 'Collections/Delete', DeleteCollectionSchema, { collectionName });
  }

  async #exists(tenantId: string, collectionName: string): Promise<boolean> {
    const method = 'Collections/CollectionExists';
    const { reply } = await this.#ask(tenantId, method, CollectionExistsRequestSchema, { collectionName });
    return fromBinary(CollectionExistsResponseSchema, reply).result?.exists === true;
  }

  async #names(tenantId: string): Promise<string[]> {
    const { reply } = await this.#ask(tenantId, 'Collections/List', ListCollectionsRequestSchema, {});
    return fromBinary(ListCollectionsResponseSchema, reply).collections.map(({ name }) => name);
  }

  async #aliases(tenantId: string) {
    const { reply } = await this.#ask(tenantId, 'Collections/ListAliases', ListAliasesRequestSchema, {});
    return fromBinary(ListAliasesResponseSchema, reply).aliases;
  }

  async #ask<Desc extends DescMessage>(
    tenantId: string,
    method: string,
    schema: Desc,
    request: MessageInitShape<Desc>,
  ): Promise<{ readonly code: number; readonly message: string; readonly reply: Buffer }> {
    const definition = { path: `/qdrant.${method}`, requestStream: false, responseStream: false };
    const bytes = Buffer.from(toBinary(schema, create(schema, request)));
    const outcome = await this.#client.call(definition, bytes, metadataOf(['x-company-id', tenantId]), {
      timeoutMs: 30_000,
    });
    return { code: outcome.code, message: outcome.message, reply: outcome.reply ?? Buffer.alloc(0) };
  }
}

/** Reads what the others have before a tenant's calls and after them. */
class Watch {
  readonly #store: Store;
  readonly #vaults = new Map<string, string>();
  #before = new Map<string, string>();

  constructor(store: Store) {
    this.#store = store;
  }

  async before(batch: number, tenantId: string): Promise<void> {
    if (this.#vaults.size === 0) await this.#readVaults(this.#vaults);
    if (this.#before.size > 0 && batch % batchesInARow !== 0) return;
    for (const tenant of tenants) {
      if (tenant.id === tenantId) continue;
      await this.#store.repair(tenant);
      await this.#store.settle(tenant);
    }
    this.#before = await this.#images(batch);
  }

  async after(batch: number, tenantId: string): Promise<string | undefined> {
    if (batch % batchesInARow !== batchesInARow - 1) return undefined;
    const now = await this.#images(batch);
    for (const [id, image] of this.#before) {
      const [was, is] = differingLine(image, now.get(id) ?? '');
      if (was !== is) return `${sinceTurn(tenantId)} changed what tenant ${id} has: ${was}, now ${is}`;
    }
    const vaults = new Map<string, string>();
    await this.#readVaults(vaults);
    for (const [id, points] of this.#vaults) {
      if (vaults.get(id) !== points)
        return `${sinceTurn(tenantId)} changed the untouched collection of tenant ${id}`;
    }
    return undefined;
  }

  /** Of all but the tenant whose turn it is. */
  async #images(batch: number): Promise<Map<string, string>> {
    const turn = Math.floor(batch / batchesInARow) % tenants.length;
    const images = new Map<string, string>();
    for (const [index, tenant] of tenants.entries()) {
      if (index !== turn) images.set(tenant.id, await this.#store.imageOf(tenant));
    }
    return images;
  }

  async #readVaults(into: Map<string, string>): Promise<void> {
    for (const tenant of tenants) into.set(tenant.id, await this.#store.pointsOf(tenant, tenant.vault));
  }
}

const sinceTurn = (tenantId: string): string =>
  `one of the calls of the last ${batchesInARow} batches, the last of which is of ${tenantId},`;

/** The first line in which two images differ, of each; a tenant may have limited the reads of its own collection. */
function differingLine(before: string, after: string): [string | undefined, string | undefined] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const isLimited = (line: string | undefined): boolean => / RESOURCE_EXHAUSTED /.test(line ?? '');
  const index = old.findIndex((line, at) => line !== now[at] && !isLimited(line) && !isLimited(now[at]));
  return [old[index], now[index]];
}

const dot = 3;

const collectionsOf = ({ known, vault }: Tenant): string[] => [...known, vault, 'docs'];

function vectorOf(index: number, float: number) {
  const data = (units[index % units.length] ?? units[0]).map((one) => one * float);
  const vector = { vector: { case: 'dense' as const, value: { data } } };
  return { vectorsOptions: { case: 'vector' as const, value: vector } };
}
