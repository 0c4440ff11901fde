import { status } from '@grpc/grpc-js';
import type { Outcome } from '../support/clients.js';
import { callOf, type FuzzCall, twinsOf } from './fuzz-calls.js';
import { comparable, Oracle } from './fuzz-oracle.js';
import { knownCount, outsider, tenants } from './fuzz-world.js';

/** Where the calls of the fuzzer go. */
export interface FuzzGround {
  /** Whether the outsider's own points are the same after the same calls, so that twins' replies must be, too. */
  readonly comparesPoints: boolean;
  call(call: FuzzCall): Promise<Outcome>;
  /** Before the calls of a batch, all of one tenant. */
  prepare(batch: number, tenant: string): Promise<void>;
  /** After them: what is wrong at the backend; undefined when nothing is. */
  faultBehind(batch: number, tenant: string): Promise<string | undefined>;
  /** Leaves the outsider with its homes and nothing else. */
  resetOutsider(calls: readonly FuzzCall[]): Promise<void>;
}

export interface FuzzTally {
  calls: number;
  /** Answers by code. */
  readonly codes: Map<string, number>;
  /** RPCs that answered OK. */
  readonly worked: Set<string>;
}

/** Makes `calls` calls from number `from` on. Throws an error that tells the first fault, and the call in full. */
export async function fuzz(
  ground: FuzzGround,
  seed: number,
  from: number,
  calls: number,
): Promise<FuzzTally> {
  const tally: FuzzTally = { calls: 0, codes: new Map(), worked: new Set() };
  for (let number = from; tally.calls < calls; number += batchSize) {
    const batch = number / batchSize;
    await (batch % 4 === 3 ? twinBatch : ownBatch)(ground, seed, number, batch, tally);
    if (tally.calls % progressEach === 0) process.stdout.write(`fuzzer: ${tally.calls} calls, all well\n`);
  }
  return tally;
}

const progressEach = 80_000;

/** Numbers of calls begin at a multiple of this, so that a batch is the same whatever came before. */
const batchSize = 2 * knownCount;

const oracles = new Map([...tenants.map(({ id }) => id), outsider].map((id) => [id, new Oracle(id)]));

async function ownBatch(
  ground: FuzzGround,
  seed: number,
  number: number,
  batch: number,
  tally: FuzzTally,
): Promise<void> {
  // Some batches in a row for each tenant: the others' data is read before and after them.
  const tenant = tenants[Math.floor(batch / batchesInARow) % tenants.length];
  if (tenant === undefined) throw new RangeError('no tenants');
  const calls = Array.from({ length: batchSize }, (_, index) => callOf(seed, number + index, tenant));
  await ground.prepare(batch, tenant.id);
  await makeAll(ground, seed, calls, tally);
  await lookBehind(ground, seed, batch, calls);
}

/** So many batches belong to one tenant, twins aside. */
export const batchesInARow = 12;
export const turnSize = batchSize * batchesInARow;

async function twinBatch(
  ground: FuzzGround,
  seed: number,
  number: number,
  batch: number,
  tally: FuzzTally,
): Promise<void> {
  const pairs = Array.from({ length: knownCount }, (_, slot) => twinsOf(seed, number + 2 * slot, slot));
  await ground.prepare(batch, outsider);
  const outcomes = await makeAll(ground, seed, pairs.flat(), tally);
  await lookBehind(ground, seed, batch, pairs.flat());
  await ground.resetOutsider(pairs.flat());
  for (const [slot, pair] of pairs.entries()) {
    const [foreign, missing] = [outcomes[2 * slot], outcomes[2 * slot + 1]];
    if (foreign === undefined || missing === undefined || areAlike(ground, pair, foreign, missing)) continue;
    await confirm(ground, seed, pair);
  }
}

/** Calls of a batch run together, and a mutation may have made two of them be about one name: told only when it repeats. */
async function confirm(ground: FuzzGround, seed: number, pair: readonly [FuzzCall, FuzzCall]): Promise<void> {
  const foreign = await ground.call(pair[0]);
  await ground.resetOutsider(pair);
  const missing = await ground.call(pair[1]);
  await ground.resetOutsider(pair);
  if (areAlike(ground, pair, foreign, missing)) return;
  const told = ({ code, message }: Outcome): string => `${status[code]} ${message}`;
  const what = `differs for a foreign name and a missing one: ${told(foreign)} / ${told(missing)}`;
  throw faultError(seed, pair[0], what);
}

function areAlike(
  ground: FuzzGround,
  [{ rpc }]: readonly [FuzzCall, FuzzCall],
  foreign: Outcome,
  missing: Outcome,
): boolean {
  // Bytes of a name that are read as something else are malformed each in its own way.
  if ([foreign, missing].every(({ error }) => error?.reason === 'REQUEST_MALFORMED')) return true;
  const withReply = ground.comparesPoints || !/Points/.test(rpc.path);
  return comparable(foreign, rpc.output, withReply) === comparable(missing, rpc.output, withReply);
}

async function makeAll(
  ground: FuzzGround,
  seed: number,
  calls: readonly FuzzCall[],
  tally: FuzzTally,
): Promise<Outcome[]> {
  const outcomes = await Promise.all(calls.map((call) => ground.call(call)));
  for (const [index, call] of calls.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    tally.calls += 1;
    const code = status[outcome.code] ?? String(outcome.code);
    tally.codes.set(code, (tally.codes.get(code) ?? 0) + 1);
    if (outcome.code === status.OK) tally.worked.add(call.rpc.name);
    const fault = oracles.get(call.tenant)?.faultIn(outcome);
    if (fault !== undefined) throw faultError(seed, call, `its answer ${fault}`);
  }
  return outcomes;
}

async function lookBehind(
  ground: FuzzGround,
  seed: number,
  batch: number,
  calls: readonly FuzzCall[],
): Promise<void> {
  const [first] = calls;
  if (first === undefined) return;
  const fault = await ground.faultBehind(batch, first.tenant);
  if (fault !== undefined) {
    const all = calls.map((call) => faultError(seed, call, 'one of these').message);
    throw new Error(`${fault}\n${all.join('\n')}`);
  }
}

function faultError(seed: number, { number, tenant, rpc, messages }: FuzzCall, what: string): Error {
  const hex = messages.map((message) => message.toString('hex')).join(' ');
  return new Error(`SEED=${seed} call ${number}: ${rpc.path} as tenant ${tenant} ${what}\n  request: ${hex}`);
}
