import { createHmac } from 'node:crypto';
import { CallCredentials } from '../../../src/backend/call-credentials.js';
import { methods } from '../../../src/backend/methods.js';

const key = 'the-key-of-the-operator';
let nowMs = 1_700_000_000_000;
const keyOf = (credentials: CallCredentials, access: 'r' | 'rw' | 'manage', name = 'company_42_docs') =>
  String(credentials.of(access, name).get('api-key')[0]);

function claimsOf(token: string): unknown {
  const [header = '', claims = '', signature] = token.split('.');
  expect(signature).toBe(createHmac('sha256', key).update(`${header}.${claims}`).digest('base64url'));
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
  return JSON.parse(Buffer.from(claims, 'base64url').toString());
}

test('a token allows one collection, for ten minutes', () => {
  const credentials = new CallCredentials(key, true, () => nowMs);
  for (const access of ['r', 'rw'] as const) {
    expect(claimsOf(keyOf(credentials, access))).toEqual({
      exp: nowMs / 1000 + 600,
      access: [{ collection: 'company_42_docs', access }],
    });
  }
});

test('it is made again after half of its life, and not before', () => {
  const credentials = new CallCredentials(key, true, () => nowMs);
  const first = keyOf(credentials, 'r');
  nowMs += 299_000;
  expect(keyOf(credentials, 'r')).toBe(first);
  nowMs += 1_000;
  const second = keyOf(credentials, 'r');
  expect(second).not.toBe(first);
  expect(claimsOf(second)).toMatchObject({ exp: nowMs / 1000 + 600 });
});

test('only what is beyond one collection carries the key itself, and nothing else does', () => {
  const credentials = new CallCredentials(key, true);
  expect(keyOf(credentials, 'manage')).toBe(key);
  const managing = Object.entries(methods).filter(([, { access }]) => access === 'manage');
  expect(managing.map(([name]) => name)).toEqual([
    'Points/CreateVectorName',
    'Points/DeleteVectorName',
    'Collections/Create',
    'Collections/Update',
    'Collections/Delete',
  ]);
  expect(Object.entries(methods).filter(([, { access, writes }]) => access === 'r' && writes)).toEqual([]);
});

test('key and token are kept out of errors; where none are minted the key is sent', () => {
  const minting = new CallCredentials(key, true);
  expect(minting.secrets('r', 'company_42_docs')).toEqual([key, keyOf(minting, 'r')]);
  expect(keyOf(new CallCredentials(key, false), 'rw')).toBe(key);
  expect(new CallCredentials(undefined, false).of('rw', 'x').getMap()).toEqual({});
});
