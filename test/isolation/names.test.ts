import fc from 'fast-check';
import { fieldsOf, lengthField, varint, varintField } from '../support/wire-bytes.js';
import { type Ground, needsCollection, onlyCollection, startGround } from './ground.js';
import { collectionsNamedIn } from './qdrant-names.js';
import { type Case, namingCases } from './rpcs.js';
import { everythingIn } from './transcript.js';

let ground: Ground;
beforeAll(async () => {
  ground = await startGround();
});
afterAll(() => ground.close());

/** The row's request with these bytes in front in place of its name. */
const around = (rpc: Case, front: Buffer): Buffer => Buffer.concat([front, rpc.request('')]);
const named = (rpc: Case, name: string | Buffer): Buffer => around(rpc, lengthField(1, name));

/** All collections that the backend was asked about since, and proof that each request names exactly one. */
function asked(): string[] {
  for (const call of ground.peer.calls) {
    expect(fieldsOf(call.request).filter(({ field }) => field === 1)).toHaveLength(1);
    expect([...new Set(collectionsNamedIn(call))]).toEqual([call.collection]);
  }
  return [...new Set(ground.peer.calls.map(({ collection }) => collection))];
}

const refused: [string, string | Buffer][] = [
  ['nothing', ''],
  ['a parent folder', '..'],
  ['a path up', '../company_42_docs'],
  ['a path', 'docs/../../company_42_docs'],
  ['a backslash', '..\\company_42_docs'],
  ['NUL', 'docs\0'],
  ['NUL and a foreign name', 'docs\0company_42_docs'],
  ['a line feed', 'docs\n'],
  ['a space', ' docs'],
  ['upper case', 'Docs'],
  ['a percent escape', '%2e%2e'],
  ['a wildcard', '*'],
  ['a tilde, which is reserved', 'docs~'],
  ['a quote', '"docs"'],
  ['a leading underscore', '_docs'],
  ['a leading dash', '-docs'],
  ['129 characters', 'a'.repeat(129)],
  ['255 characters', 'a'.repeat(255)],
  ['256 characters', 'a'.repeat(256)],
  ['60,000 characters', 'a'.repeat(60_000)],
  ['a composed accent', 'caf\u00e9'],
  ['a combining accent', 'cafe\u0301'],
  ['a Cyrillic look-alike', 'd\u043ecs'],
  ['full-width letters', '\uff44\uff4f\uff43\uff53'],
  ['a zero-width joiner', 'do\u200dcs'],
  ['a change of direction', '\u202edocs'],
  ['an emoji', 'docs\u{1f600}'],
  ['bytes that are no UTF-8', Buffer.from([0x64, 0xff])],
  ['an overlong slash', Buffer.from([0x64, 0xc0, 0xaf, 0x64])],
  ['an encoded surrogate', Buffer.from([0x64, 0xed, 0xa0, 0x80])],
  ['a character cut short', Buffer.from([0x64, 0xe2, 0x82])],
];

const staysOwn: [string, string][] = [
  ['the physical name of a foreign collection', 'company_42_docs'],
  ["another tenant's id and collection", '42_docs'],
  ["the end of another tenant's id", '2_docs'],
  ['the word in front of physical names', 'company_'],
  ['underscores only behind the first character', 'a___'],
  ['128 characters', 'a'.repeat(128)],
];

describe.each(namingCases)('$name', (rpc) => {
  test.each(refused)('refuses a name with %s', async (_name, value) => {
    onlyCollection(ground.peer, 'company_42_docs', 'company_7_docs');
    const outcome = await ground.as('7', rpc, named(rpc, value));
    expect(outcome.code).toBe(3);
    expect(['COLLECTION_NAME_INVALID', 'REQUEST_MALFORMED']).toContain(outcome.error?.reason);
    expect(everythingIn(outcome)).not.toContain('company_7_');
    expect(ground.peer.calls).toEqual([]);
  });

  test.each(staysOwn)('keeps in its own tenant %s', async (_name, value) => {
    const own = `company_4_${value}`;
    onlyCollection(ground.peer, 'company_42_docs', ...(needsCollection(rpc) ? [own] : []));
    const outcome = await ground.as('4', rpc, named(rpc, value));
    expect(outcome.code).toBe(0);
    expect(asked()).toEqual([own]);
  });

  test('a name given twice is one name, and its own', async () => {
    const pairs = [
      ['docs', 'company_42_docs'],
      ['company_42_docs', 'docs'],
      ['../42', 'docs'],
      ['docs', ''],
    ] as const;
    for (const [first, second] of pairs) {
      onlyCollection(ground.peer, 'company_42_docs', 'company_7_docs', 'company_7_company_42_docs');
      const front = lengthField(1, first);
      await ground.as('7', rpc, Buffer.concat([front, rpc.request(''), lengthField(1, second)]));
      const expected = second === '' ? [] : [`company_7_${second}`];
      expect([first, second, asked()]).toEqual([first, second, expected]);
    }
  });

  test('a name in another wire type is refused or is none', async () => {
    const forms = [
      varintField(1, 42),
      Buffer.from([9, 1, 2, 3, 4, 5, 6, 7, 8]),
      Buffer.from([13, 1, 2, 3, 4]),
    ];
    for (const form of [...forms, Buffer.concat([Buffer.from([11]), varintField(1, 1), Buffer.from([12])])]) {
      onlyCollection(ground.peer, 'company_42_docs', 'company_7_docs');
      expect((await ground.as('7', rpc, around(rpc, form))).code).toBe(3);
      expect(ground.peer.calls).toEqual([]);
    }
  });

  test('a name whose length lies is refused', async () => {
    for (const length of [varint(200), varint(2 ** 31), varint(2 ** 32 + 4), varint(2n ** 63n)]) {
      onlyCollection(ground.peer, 'company_7_docs');
      const front = Buffer.concat([Buffer.from([10]), length, Buffer.from('docs')]);
      expect((await ground.as('7', rpc, front)).code).toBe(3);
      expect(ground.peer.calls).toEqual([]);
    }
  });
});

// Tenants whose ids begin alike, and any bytes at all around the name.
test('whatever bytes a tenant sends, the backend is asked about its own collections only', async () => {
  const stored = ['4', '42', '4-2'].flatMap((tenant) => [
    `company_${tenant}_docs`,
    `company_${tenant}_2_docs`,
  ]);
  const change = fc.record({ at: fc.nat(200), byte: fc.nat(255), insert: fc.boolean() });
  const someName = fc.constantFrom('docs', '2_docs', '42_docs', 'company_42_docs', '');
  const attempt = fc.record({
    rpc: fc.constantFrom(...namingCases),
    tenant: fc.constantFrom('4', '42', '4-2'),
    names: fc.array(someName, { minLength: 1, maxLength: 3 }),
    changes: fc.array(change, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(attempt, async ({ rpc, tenant, names, changes }) => {
      onlyCollection(ground.peer, ...stored);
      const request = Buffer.concat([rpc.request(''), ...names.map((name) => lengthField(1, name))]);
      await ground.as(tenant, rpc, changes.reduce(mutate, request));
      for (const name of asked()) expect(name.startsWith(`company_${tenant}_`)).toBe(true);
    }),
    { numRuns: 1500 },
  );
});

function mutate(bytes: Buffer, { at, byte, insert }: { at: number; byte: number; insert: boolean }): Buffer {
  const index = bytes.length === 0 ? 0 : at % bytes.length;
  return Buffer.concat([
    bytes.subarray(0, index),
    Buffer.from([byte]),
    bytes.subarray(insert ? index : index + 1),
  ]);
}
