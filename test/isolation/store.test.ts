import { randomBytes } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { GetPointsResponse, SearchPointsResponse } from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, type Outcome, RawClient } from '../support/clients.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { realQdrant } from '../support/real-qdrant.js';
import { qdrantMethod } from './qdrant-names.js';
import { type Case, cases } from './rpcs.js';
import { everythingIn, transcriptOf } from './transcript.js';

// On the embedded store, or on the Qdrant at QDRANT_URL, which may hold other people's collections.
const run = randomBytes(4).toString('hex');
const owner = `owner-${run}`;
const other = `other-${run}`;

let gateway: TestGateway;
let client: RawClient;
beforeAll(async () => {
  gateway = await startTestGateway();
  client = new RawClient(gateway.address);
}, 60_000);
afterAll(async () => {
  client.close();
  await gateway.close();
});

const as = (tenant: string, rpc: Case, collection: string): Promise<Outcome> =>
  client.call(rpc, rpc.request(collection), asTenant(tenant));
const rowOf = (name: string): Case => {
  const found = cases.find((rpc) => rpc.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
};

/** The rows' collection with their two points, whose payload says {kind: "own"}. */
async function fill(tenant: string, collection: string): Promise<void> {
  for (const name of [
    'CollectionsService/CreateCollection',
    'CollectionsService/CreatePayloadIndex',
    'PointsService/UpsertPoints',
  ]) {
    const outcome = await as(tenant, rowOf(name), collection);
    expect([name, outcome.message]).toEqual([name, 'OK']);
  }
}

/** The embedded store does less than Qdrant, and says so. */
const isBeyondStore = ({ error }: Outcome): boolean =>
  realQdrant() === undefined && error?.reason === 'BACKEND_UNIMPLEMENTED';

/** What a caller sees, but for the time that Qdrant says it took. */
function timeless(rpc: Case, outcome: Outcome): unknown {
  const { reply, ...rest } = transcriptOf(outcome);
  if (reply === undefined || !rpc.path.startsWith('/qdrant.')) return { reply, ...rest };
  const { output } = qdrantMethod(rpc.name);
  return { ...rest, reply: { ...fromBinary(output, Buffer.from(reply, 'hex')), time: 0 } };
}

async function contents(tenant: string, collection: string): Promise<unknown> {
  const outcome = await as(tenant, rowOf('PointsService/GetPoints'), collection);
  return GetPointsResponse.decode(outcome.reply ?? Buffer.alloc(0)).points;
}

let names = 0;
const freshName = (): string => `docs-${++names}`;

describe.each(cases)('$name', (rpc) => {
  test("answers to another tenant as if the owner's collection did not exist, and leaves it alone", async () => {
    const name = freshName();
    const nowhere = await as(other, rpc, name);
    if (rpc.onMissing === 'is created') await as(other, rowOf('CollectionsService/DeleteCollection'), name);
    await fill(owner, name);
    const before = await contents(owner, name);
    expect(before).toHaveLength(2);

    const existing = await as(other, rpc, name);
    expect(timeless(rpc, existing)).toEqual(timeless(rpc, nowhere));
    if (!isBeyondStore(existing)) expect(existing.code).toBe(rpc.onMissing === 'not found' ? 5 : 0);
    expect(everythingIn(existing)).not.toMatch(new RegExp(`company_|${owner}`));
    expect(await contents(owner, name)).toEqual(before);
    if (rpc.onMissing === 'is created') await as(other, rowOf('CollectionsService/DeleteCollection'), name);
  }, 30_000);

  test('works for the owner', async () => {
    const name = freshName();
    if (rpc.onMissing !== 'is created') await fill(owner, name);
    const outcome = await as(owner, rpc, name);
    if (!isBeyondStore(outcome)) expect(outcome.message).toBe('OK');
  }, 30_000);
});

test('two tenants with one name and one set of ids read, change and delete their own points', async () => {
  const name = freshName();
  await fill(owner, name);
  await fill(other, name);
  const before = await contents(owner, name);
  for (const rpc of [
    'SetPayload',
    'UpdateVectors',
    'ClearPayload',
    'DeletePoints',
    'UpsertPoints',
    'ClearPayload',
  ]) {
    expect([rpc, (await as(other, rowOf(`PointsService/${rpc}`), name)).message]).toEqual([rpc, 'OK']);
    expect(await contents(owner, name)).toEqual(before);
  }
  expect((await as(other, rowOf('CollectionsService/DeleteCollection'), name)).code).toBe(0);
  expect(await contents(owner, name)).toEqual(before);
  const found = await as(owner, rowOf('PointsService/SearchPoints'), name);
  expect(SearchPointsResponse.decode(found.reply ?? Buffer.alloc(0)).results).toHaveLength(2);
}, 30_000);
