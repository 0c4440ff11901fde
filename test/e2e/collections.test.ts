import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { JsonTenant } from '../support/json-tenant.js';

let gateway: TestGateway;
let tenant: JsonTenant;
let other: JsonTenant;

beforeAll(async () => {
  gateway = await startTestGateway();
  tenant = new JsonTenant(gateway.address, 'collections-1');
  other = new JsonTenant(gateway.address, 'collections-2');
});
afterAll(async () => {
  tenant?.close();
  other?.close();
  await gateway?.close();
});

const alreadyExists = 6;
const invalidArgument = 3;
const notFound = 5;
const failedPrecondition = 9;

describe('CreateCollection', () => {
  test('makes a collection for text-embedding-3-small when nothing else is said', async () => {
    const reply = await tenant.call('CreateCollection', { collection: 'defaults' });
    expect(reply).toMatchObject({
      created: true,
      collection: {
        collection: 'defaults',
        vectorSize: '1536',
        distance: 'DISTANCE_COSINE',
        status: 'COLLECTION_STATUS_GREEN',
      },
    });
  });

  test.each(['DISTANCE_COSINE', 'DISTANCE_EUCLID', 'DISTANCE_DOT', 'DISTANCE_MANHATTAN'])(
    'makes one with %s',
    async (distance) => {
      const collection = distance.toLowerCase().replace('distance_', 'with-');
      await tenant.call('CreateCollection', { collection, vector_size: 3, distance });
      expect(await tenant.call('GetCollection', { collection })).toMatchObject({
        collection: { collection, vectorSize: '3', distance },
      });
    },
  );

  test('refuses one that exists, and accepts it with if_not_exists when size and distance agree', async () => {
    const shape = { collection: 'twice', vector_size: 4, distance: 'DISTANCE_DOT' };
    await tenant.call('CreateCollection', shape);
    expect(await tenant.failure('CreateCollection', shape)).toMatchObject({
      code: alreadyExists,
      reason: 'COLLECTION_ALREADY_EXISTS',
    });
    const again = { ...shape, if_not_exists: true };
    expect(await tenant.call('CreateCollection', again)).toMatchObject({
      created: false,
      collection: { collection: 'twice' },
    });
    for (const change of [{ vector_size: 5 }, { distance: 'DISTANCE_EUCLID' }]) {
      const failure = await tenant.failure('CreateCollection', { ...again, ...change });
      expect(failure).toMatchObject({ code: failedPrecondition, reason: 'COLLECTION_MISMATCH' });
    }
  });

  test('makes one when five callers want it at once', async () => {
    const wanted = { collection: 'race', vector_size: 2, if_not_exists: true };
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => tenant.call('CreateCollection', wanted)),
    );
    for (const reply of replies)
      expect(reply).toMatchObject({ collection: { collection: 'race', vectorSize: '2' } });
  });

  test.each([
    [{ collection: 'Upper' }, 'COLLECTION_NAME_INVALID', 'collection'],
    [{ collection: '' }, 'COLLECTION_NAME_INVALID', 'collection'],
    [{ collection: 'a'.repeat(129) }, 'COLLECTION_NAME_INVALID', 'collection'],
    [{ collection: '../etc' }, 'COLLECTION_NAME_INVALID', 'collection'],
    [{ collection: 'x', vector_size: 0 }, 'FIELD_INVALID', 'vector_size'],
    [{ collection: 'x', vector_size: 65_537 }, 'FIELD_INVALID', 'vector_size'],
    [{ collection: 'x', distance: 9 }, 'FIELD_INVALID', 'distance'],
    [{ collection: 'x', hnsw_config: { m: 1_000_000 } }, 'LIMIT_EXCEEDED', 'hnsw_config.m'],
  ])('refuses %j', async (request, reason, field) => {
    expect(await tenant.failure('CreateCollection', request)).toMatchObject({
      code: invalidArgument,
      reason,
      violations: [{ field }],
    });
  });
});

describe('GetCollection', () => {
  test('counts the points', async () => {
    await tenant.call('CreateCollection', { collection: 'counted', vector_size: 2 });
    const points = [1, 2, 3].map((num) => ({ id: { num }, vector: [num, 1] }));
    await tenant.call('UpsertPoints', { collection: 'counted', points });
    expect(await tenant.call('GetCollection', { collection: 'counted' })).toMatchObject({
      collection: { pointsCount: '3' },
    });
  });

  test('does not find what is not there, nor what is another tenant’s', async () => {
    await other.call('CreateCollection', { collection: 'theirs', vector_size: 2 });
    for (const collection of ['nowhere', 'theirs']) {
      const failure = await tenant.failure('GetCollection', { collection });
      expect(failure).toMatchObject({ code: notFound, reason: 'COLLECTION_NOT_FOUND' });
      expect(failure.message).toBe(`collection "${collection}" does not exist`);
    }
  });
});

describe('ListCollections', () => {
  test('lists a tenant’s own in the order of names, page by page', async () => {
    const lister = new JsonTenant(gateway.address, 'lister');
    try {
      expect(await lister.call('ListCollections', {})).toEqual({});
      const names = ['b', 'a', 'a-1', 'a_1', 'c', '0'];
      for (const collection of names) await lister.call('CreateCollection', { collection, vector_size: 2 });
      const listed: string[] = [];
      const pages: number[] = [];
      for (let token: string | undefined = ''; token !== undefined; ) {
        const page = asPage(await lister.call('ListCollections', { page_size: 4, page_token: token }));
        listed.push(...page.names);
        pages.push(page.names.length);
        token = page.next;
      }
      expect(listed).toEqual([...names].sort());
      expect(pages).toEqual([4, 2]);
    } finally {
      lister.close();
    }
  });

  test('refuses a page size above 1,000 and a token that it did not give', async () => {
    expect(await tenant.failure('ListCollections', { page_size: 1001 })).toMatchObject({
      reason: 'LIMIT_EXCEEDED',
      violations: [{ field: 'page_size' }],
    });
    for (const page_token of [
      'x',
      Buffer.from('1:UPPER').toString('base64url'),
      `${Buffer.from('1:a').toString('base64url')}=`,
    ]) {
      expect(await tenant.failure('ListCollections', { page_token })).toMatchObject({
        code: invalidArgument,
        reason: 'PAGE_TOKEN_INVALID',
      });
    }
  });
});

describe('UpdateCollection', () => {
  test('changes settings, and refuses to change nothing', async () => {
    await tenant.call('CreateCollection', { collection: 'settings', vector_size: 2 });
    const change = { collection: 'settings', optimizers_config: { indexing_threshold: 20_000 } };
    expect(await tenant.call('UpdateCollection', change)).toMatchObject({
      collection: { collection: 'settings' },
    });
    expect(await tenant.failure('UpdateCollection', { collection: 'settings' })).toMatchObject({
      code: invalidArgument,
      reason: 'FIELD_INVALID',
    });
    expect(await tenant.failure('UpdateCollection', { ...change, collection: 'nowhere' })).toMatchObject({
      code: notFound,
    });
  });
});

// With a NaN that Qdrant has written down it does not start again, for any tenant.
test.each(['NaN', 'Infinity', -0.1, 1.5])('a deleted_threshold of %s goes no further', async (threshold) => {
  await tenant.call('CreateCollection', { collection: 'threshold', vector_size: 2, if_not_exists: true });
  const change = { collection: 'threshold', optimizers_config: { deleted_threshold: threshold } };
  expect(await tenant.failure('UpdateCollection', change)).toMatchObject({
    code: invalidArgument,
    reason: 'FIELD_INVALID',
    violations: [{ field: 'optimizers_config.deleted_threshold' }],
  });
});

describe('DeleteCollection', () => {
  test('deletes the points too, and says whether there was anything to delete', async () => {
    const collection = 'short-lived';
    await tenant.call('CreateCollection', { collection, vector_size: 2 });
    await tenant.call('UpsertPoints', { collection, points: [{ id: { num: 1 }, vector: [1, 0] }] });
    expect(await tenant.call('DeleteCollection', { collection })).toEqual({ result: true });
    expect(await tenant.failure('DeleteCollection', { collection })).toMatchObject({
      code: notFound,
      reason: 'COLLECTION_NOT_FOUND',
    });
    // A result of false is the default, so JSON leaves it out.
    expect(await tenant.call('DeleteCollection', { collection, if_exists: true })).toEqual({});
    expect(await tenant.failure('CountPoints', { collection })).toMatchObject({ code: notFound });
  });

  test('leaves room for one of another size at once', async () => {
    const collection = 'resized';
    await tenant.call('CreateCollection', { collection, vector_size: 2 });
    await tenant.call('UpsertPoints', { collection, points: [{ id: { num: 1 }, vector: [1, 0] }] });
    await tenant.call('DeleteCollection', { collection });
    await tenant.call('CreateCollection', { collection, vector_size: 3 });
    await tenant.call('UpsertPoints', { collection, points: [{ id: { num: 1 }, vector: [1, 0, 0] }] });
    const old = { collection, points: [{ id: { num: 1 }, vector: [1, 0] }] };
    expect(await tenant.failure('UpsertPoints', old)).toMatchObject({ reason: 'VECTOR_DIMENSION_MISMATCH' });
  });
});

describe('payload indexes', () => {
  test('are created, shown and deleted', async () => {
    const collection = 'indexed';
    await tenant.call('CreateCollection', { collection, vector_size: 2 });
    const index = { collection, field_name: 'section', field_type: 'FIELD_TYPE_KEYWORD' };
    expect(await tenant.call('CreatePayloadIndex', index)).toMatchObject({
      result: { status: 'UPDATE_STATUS_COMPLETED' },
    });
    expect(await tenant.call('GetCollection', { collection })).toMatchObject({
      collection: { payloadIndexes: [{ fieldName: 'section', fieldType: 'FIELD_TYPE_KEYWORD' }] },
    });
    const dropped = { collection, field_name: 'section' };
    expect(await tenant.call('DeletePayloadIndex', dropped)).toMatchObject({
      result: { status: 'UPDATE_STATUS_COMPLETED' },
    });
    expect(await tenant.call('GetCollection', { collection })).not.toHaveProperty(
      'collection.payloadIndexes',
    );
  });

  test.each([
    [{ field_type: 'FIELD_TYPE_KEYWORD' }, 'field_name'],
    [{ field_name: 'section' }, 'field_type'],
    [{ field_name: 'section', field_type: 99 }, 'field_type'],
    [{ field_name: 'section', field_type: 0, ordering: { type: 7 } }, 'ordering.type'],
  ])('refuse %j', async (request, field) => {
    const failure = await tenant.failure('CreatePayloadIndex', { collection: 'defaults', ...request });
    expect(failure).toMatchObject({
      code: invalidArgument,
      reason: 'FIELD_INVALID',
      violations: [{ field }],
    });
  });
});

interface Page {
  readonly names: string[];
  readonly next: string | undefined;
}

function asPage(reply: unknown): Page {
  // The shape of ListCollectionsResponse in JSON.
  const { collections, nextPageToken } = reply as {
    collections: { collection: string }[];
    nextPageToken?: string;
  };
  return { names: collections.map(({ collection }) => collection), next: nextPageToken };
}
