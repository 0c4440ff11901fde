/**
 * The tenants of the fuzzer and what each of them has: some names and ids are known to all and are attacked, others
 * are the owner's secrets. No request ever holds a secret, so that one in an answer to somebody else is a leak.
 */
export interface Tenant {
  readonly id: string;
  readonly word: string;
  /** Collections whose names others know. */
  readonly known: readonly string[];
  /** A collection whose name nobody knows, and that nobody changes. */
  readonly vault: string;
  readonly knownIds: readonly bigint[];
  readonly secretIds: readonly bigint[];
  readonly secretUuid: string;
  /** What the payloads of its points hold. */
  readonly secretWord: string;
  /** A component of its vectors, and so its score against a unit vector; also in float32. */
  readonly secretFloat: number;
  /** What the peer counts in its collections. */
  readonly secretCount: bigint;
}

const tenantOf = (id: string, word: string, index: number): Tenant => {
  const base = 0x00c0ffee_00000000n + BigInt(index + 1) * 0x1_0101_0100n;
  return {
    id,
    word,
    known: Array.from({ length: knownCount }, (_, each) => `${word}-docs-${each}`),
    vault: `vault-${word}-unseen`,
    knownIds: [base + 1n, base + 2n, base + 3n],
    secretIds: [base + 0x71n, base + 0x72n, base + 0x73n],
    secretUuid: `5ec4e7${index}0-aaaa-4bbb-8ccc-dddddddddd${index}0`,
    secretWord: `word-nobody-else-sees-${word}`,
    secretFloat: Math.fround(1234.567 * 3 ** (index + 1)),
    secretCount: 0x7eed_0000_0000n + BigInt(index + 1) * 0x0101_0101n,
  };
};

/** One known collection for each pair of twins in a batch. */
export const knownCount = 8;

// The first is a prefix of the two others, and one of them looks like a joined name.
export const tenants: readonly Tenant[] = [
  tenantOf('4', 'alpha', 0),
  tenantOf('42', 'bravo', 1),
  tenantOf('4-2', 'charlie', 2),
];

/** Has nothing, ever: what it is told of a foreign collection must be what it is told of one that is missing. */
export const outsider = 'outsider';

export const others = (tenant: Tenant): Tenant[] => tenants.filter(({ id }) => id !== tenant.id);

/**
 * Nobody's name. Of the same length as that of a known collection, and where a mutation makes the letter be read as a
 * tag, it is illegal as the other is.
 */
export function missingTwinOf(known: string): string {
  return known.replace('-docs-', '-dgcs-');
}

export const units = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
] as const;

/** The pools that a tenant's requests draw from. */
export interface Pools {
  readonly names: readonly string[];
  readonly hostileNames: readonly string[];
  readonly ids: readonly bigint[];
  readonly uuids: readonly string[];
  readonly words: readonly string[];
  readonly paths: readonly string[];
  /** The component of vectors that it writes. */
  readonly float: number;
}

export function poolsOf(tenant: Tenant): Pools {
  const foreign = others(tenant);
  const foreignNames = foreign.flatMap(({ known }) => known);
  return {
    names: [...tenant.known, 'docs', 'docs', 'live'],
    hostileNames: [
      ...foreignNames,
      ...foreign.flatMap(({ id, known }) => [`company_${id}_${known[0]}`, `${id}_${known[1]}`]),
      ...oddNames,
    ],
    ids: [...tenant.knownIds, ...foreign.flatMap(({ knownIds }) => knownIds), 0n, 1n, 2n ** 64n - 1n],
    uuids: ['5f0c1d2e-8a3b-4c5d-9e6f-7a8b9c0d1e2f', '0'.repeat(32), 'doc-17', ''],
    words: ['own', 'en', tenant.word, ...foreign.map(({ word }) => word), '', 'å\u0000💥', 'w'.repeat(3_000)],
    paths: ['kind', 'n', 'tags[]', 'nested.a', 'secret', 'a.b[].c', '"quoted"', '..', '', 'x'.repeat(600)],
    float: tenant.secretFloat,
  };
}

const oddNames = [
  'nowhere',
  'company_42_docs',
  '42_docs',
  'docs-alias',
  'company_',
  '../42/docs',
  'docs/../../company_42_docs',
  'DOCS',
  'docs\u0000',
  'dócs',
  '*',
  '%',
  '~42~docs',
  '_docs',
  '',
  ' docs',
  'd'.repeat(128),
  'd'.repeat(129),
  'long-'.repeat(2_000),
  '\u{1F4A5}'.repeat(40),
];
