import { Generator } from './fuzz-generator.js';
import { mutate } from './fuzz-mutations.js';
import { Random } from './fuzz-random.js';
import { missingTwinOf, outsider, type Pools, poolsOf, type Tenant, tenants } from './fuzz-world.js';
import { rows } from './rows.js';
import { type PublicRpc, publicRpcs } from './rpcs.js';

/** One call of the fuzzer; it can be made again from these fields alone. */
export interface FuzzCall {
  readonly number: number;
  readonly tenant: string;
  readonly rpc: PublicRpc;
  /** More than one only for streams of requests. */
  readonly messages: readonly Buffer[];
}

const rpcs = publicRpcs();

/** A call of a tenant that has data of its own. */
export function callOf(seed: number, number: number, tenant: Tenant): FuzzCall {
  const random = new Random(seed, number);
  const rpc = random.pick(rpcs);
  const count = rpc.requestStream ? 1 + random.below(3) : 1;
  const pools = poolsOf(tenant);
  const messages = Array.from({ length: count }, () => requestOf(random, rpc, pools, 0.25));
  return { number, tenant: tenant.id, rpc, messages };
}

/** Two calls that differ in names only: of a collection that somebody else has, and of one that nobody has. */
export function twinsOf(seed: number, number: number, slot: number): [FuzzCall, FuzzCall] {
  const random = new Random(seed, number);
  const rpc = random.pick(rpcs);
  const owner = random.pick(tenants);
  const known = owner.known[slot] ?? '';
  const home = homesOf(slot)[0];
  const pools: Pools = {
    ...poolsOf(owner),
    names: [home],
    hostileNames: [known, known, `company_${owner.id}_${known}`, `${owner.id}_${known}`],
    float: 1,
  };
  const request = requestOf(random, rpc, pools, 0.5);
  const call = (number: number, message: Buffer): FuzzCall => ({
    number,
    tenant: outsider,
    rpc,
    messages: [message],
  });
  const twin = request
    .toString('latin1')
    .replaceAll(known, missingTwinOf(known))
    .replaceAll(home, homesOf(slot)[1]);
  return [call(number, request), call(number + 1, Buffer.from(twin, 'latin1'))];
}

/** Collections of the outsider, one for each of two twins: what the one changes must not show to the other. */
export const homesOf = (slot: number): readonly [string, string] => [`home-${slot}-o`, `home-${slot}-g`];

function requestOf(random: Random, rpc: PublicRpc, pools: Pools, hostility: number): Buffer {
  const generator = new Generator(random, pools, hostility);
  const row = rows[rpc.name];
  let request =
    row !== undefined && random.chance(0.5) ? row.request(generator.name()) : generator.encode(rpc.input);
  while (random.chance(0.3)) request = mutate(random, rpc.input, request, () => generator.name());
  return request;
}
