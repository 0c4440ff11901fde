import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

const folder = new URL('../data/', import.meta.url);
const pointsPerMessage = 64;

/** Sample queries: [{text, vector}], embedded with the same model as the packages. */
export async function readQueries() {
  return JSON.parse(await readFile(new URL('queries.json', folder), 'utf8'));
}

/** How many packages there are. */
export async function readPackageCount() {
  let count = 0;
  for await (const _ of packageLines()) count += 1;
  return count;
}

/** The packages as messages of a StreamUpsertPoints call; `onPoints` hears how many were handed over. */
export async function* packageMessages(collection, onPoints) {
  let points = [];
  for await (const line of packageLines()) {
    const { id, vector, payload } = JSON.parse(line);
    points.push({ id: { num: String(id) }, vector, payload_struct: structOf(payload) });
    if (points.length === pointsPerMessage) {
      yield { collection, points };
      onPoints(points.length);
      points = [];
    }
  }
  if (points.length > 0) {
    yield { collection, points };
    onPoints(points.length);
  }
}

function packageLines() {
  const file = createReadStream(new URL('packages.jsonl.gz', folder));
  return createInterface({ input: file.pipe(createGunzip()), crlfDelay: Number.POSITIVE_INFINITY });
}

// @grpc/proto-loader wants google.protobuf.Struct spelled out.
function structOf(object) {
  const fields = Object.fromEntries(Object.entries(object).map(([key, value]) => [key, valueFrom(value)]));
  return { fields };
}

function valueFrom(value) {
  if (value === null) return { nullValue: 'NULL_VALUE' };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(valueFrom) } };
  return { structValue: structOf(value) };
}
