import type { DescMessage } from '@bufbuild/protobuf';
import { fieldsOf, lengthField, varint, varintField } from '../support/wire-bytes.js';
import type { Random } from './fuzz-random.js';
import { collectionPaths, encodePath } from './qdrant-names.js';

/** Changes a request into one that no generated client would send. */
export function mutate(random: Random, desc: DescMessage, request: Buffer, name: () => string): Buffer {
  return random.pick(mutations)(request, { random, desc, name });
}

interface Tools {
  readonly random: Random;
  readonly desc: DescMessage;
  /** A collection's name, often somebody else's. */
  readonly name: () => string;
}

type Mutation = (request: Buffer, tools: Tools) => Buffer;

const mutations: readonly Mutation[] = [
  addReference,
  addReference,
  addReference,
  repeatFields,
  nameTwice,
  addUnknownField,
  addBothMembers,
  addWrongWireType,
  nestDeeply,
  flipBytes,
  truncate,
  lieAboutLength,
];

/** Sets a field that carries a collection's name, wherever in the message it is. */
function addReference(request: Buffer, { random, desc, name }: Tools): Buffer {
  const paths = pathsOf(desc);
  if (paths.length === 0) return addUnknownField(request, { random, desc, name });
  const path = random.pick(paths);
  const hiding = path[0] === undefined ? Buffer.alloc(0) : lengthField(path[0].number, '');
  const parts = [request, encodePath(desc, path, name())];
  if (random.chance(0.3)) parts.push(hiding);
  return Buffer.concat(random.chance(0.2) ? parts.reverse() : parts);
}

function repeatFields(request: Buffer, { random }: Tools): Buffer {
  const fields = tolerant(request);
  if (fields.length === 0) return request;
  return Buffer.concat([request, ...Array.from({ length: 3 }, () => random.pick(fields))]);
}

function nameTwice(request: Buffer, { random, name }: Tools): Buffer {
  const twice = lengthField(1, name());
  return Buffer.concat(random.chance(0.5) ? [request, twice] : [twice, request]);
}

function addUnknownField(request: Buffer, { random, name }: Tools): Buffer {
  const number = random.pick([40, 99, 999, 1_000, 1_001, 1_002, 3_000, 19_000, 2 ** 29 - 1]);
  const value = random.chance(0.5) ? lengthField(1, name()) : name();
  return Buffer.concat([request, lengthField(number, value)]);
}

/** Two members of a oneof, of the outermost message. */
function addBothMembers(request: Buffer, { random, desc, name }: Tools): Buffer {
  const [fields] = desc.oneofs.map((each) => each.fields);
  if (fields === undefined) return nameTwice(request, { random, desc, name });
  const member = random.pick(fields);
  return Buffer.concat([request, lengthField(member.number, lengthField(1, name()))]);
}

function addWrongWireType(request: Buffer, { random, desc }: Tools): Buffer {
  if (desc.fields.length === 0) return request;
  const { number } = random.pick(desc.fields);
  const wireType = random.pick([0, 1, 2, 3, 4, 5, 6, 7]);
  const payload = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]).subarray(0, random.below(9));
  return Buffer.concat([request, varint(BigInt(number) * 8n + BigInt(wireType)), payload]);
}

function nestDeeply(request: Buffer, { random, desc }: Tools): Buffer {
  const inner = desc.fields.filter(({ message }) => message !== undefined);
  if (inner.length === 0) return request;
  const numbers = [1, 2, 3, 4, 10];
  let nested = varintField(1, 1);
  for (let depth = random.pick([3, 30, 120, 400]); depth > 0; depth -= 1)
    nested = lengthField(random.pick(numbers), nested);
  return Buffer.concat([request, lengthField(random.pick(inner).number, nested)]);
}

function flipBytes(request: Buffer, { random }: Tools): Buffer {
  if (request.length === 0) return Buffer.from([random.below(256)]);
  const changed = Buffer.from(request);
  for (let times = 1 + random.below(3); times > 0; times -= 1)
    changed[random.below(changed.length)] = random.below(256);
  return changed;
}

function truncate(request: Buffer, { random }: Tools): Buffer {
  return request.subarray(0, random.below(request.length + 1));
}

function lieAboutLength(request: Buffer, { random, name }: Tools): Buffer {
  const lie = Buffer.concat([
    varint(random.pick([8 + 2, 16 + 2, 26])),
    varint(random.pick([5, 127, 2 ** 31])),
  ]);
  return Buffer.concat([request, lie, Buffer.from(name())]);
}

const known = new WeakMap<DescMessage, ReturnType<typeof collectionPaths>>();

function pathsOf(desc: DescMessage): ReturnType<typeof collectionPaths> {
  const paths = known.get(desc) ?? collectionPaths(desc);
  known.set(desc, paths);
  return paths;
}

function tolerant(request: Buffer): Buffer[] {
  try {
    return fieldsOf(request).map(({ bytes }) => bytes);
  } catch {
    return [];
  }
}
