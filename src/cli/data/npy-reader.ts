import { UsageError } from '../usage-error.js';
import type { ByteSource } from './byte-source.js';
import { ExactBytes } from './exact-bytes.js';
import { floatsOf, headerBytesOf, type NpyShape, preludeBytes, shapeOf } from './npy-header.js';
import { type RowReader, SourceError, type SourceRow } from './row.js';

const rowsAtATime = 64;
const maxHeaderBytes = 64 * 1024;

/** A matrix, a vector a row, beside which `payload` has a line for each. Throws UsageError for other files. */
export async function npyReader(source: ByteSource, payload: RowReader | undefined): Promise<RowReader> {
  const bytes = new ExactBytes(source.bytes());
  const shape = await readShape(bytes, source.name);
  return {
    async *rows(skip) {
      const vectors = vectorsOf(bytes, shape, source.name, () => source.isStopped);
      const rows = payload === undefined ? vectors : besides(vectors, payload, shape.rows);
      let left = skip;
      for await (const some of rows) {
        const wanted = some.slice(left);
        left -= some.length - wanted.length;
        if (wanted.length > 0) yield wanted;
      }
    },
    progress: () => source.progress(),
    stop: () => {
      source.stop();
      payload?.stop();
    },
  };
}

async function readShape(bytes: ExactBytes, name: string): Promise<NpyShape> {
  try {
    const prelude = await bytes.read(preludeBytes);
    if (prelude.length < preludeBytes) throw new TypeError('it is too short for a .npy file');
    const headerBytes = headerBytesOf(prelude);
    if (headerBytes > maxHeaderBytes) throw new TypeError('its header is too long');
    const rest = await bytes.read(headerBytes - preludeBytes);
    return shapeOf(Buffer.concat([prelude.subarray(10), rest]).toString('latin1'));
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${name}: ${error.message}`);
    throw error;
  }
}

async function* vectorsOf(
  bytes: ExactBytes,
  shape: NpyShape,
  name: string,
  isStopped: () => boolean,
): AsyncGenerator<SourceRow[], void, undefined> {
  const rowBytes = shape.dimension * shape.bytesPerNumber;
  for (let row = 0; row < shape.rows; ) {
    const wanted = Math.min(rowsAtATime, shape.rows - row);
    const chunk = await bytes.read(wanted * rowBytes);
    const whole = Math.floor(chunk.length / rowBytes);
    yield Array.from({ length: whole }, (_, index) => ({
      columns: {},
      vector: floatsOf(chunk.subarray(index * rowBytes), shape),
    }));
    row += whole;
    if (isStopped()) return;
    if (whole < wanted)
      throw new SourceError(`${name} has ${row} of the ${shape.rows} rows that its header tells of`);
  }
  if ((await bytes.read(1)).length > 0) {
    throw new SourceError(`${name} goes on after the ${shape.rows} rows that its header tells of`);
  }
}

/** Joins each vector with the line that is in its place. */
async function* besides(
  vectors: AsyncGenerator<SourceRow[], void, undefined>,
  payload: RowReader,
  total: number,
): AsyncGenerator<SourceRow[], void, undefined> {
  const lines = new Lines(payload);
  let row = 0;
  for await (const some of vectors) {
    const joined: SourceRow[] = [];
    for (const { vector } of some) {
      const line = await lines.next();
      if (line === undefined) break;
      joined.push({ ...line, vector });
    }
    row += joined.length;
    yield joined;
    if (joined.length < some.length)
      throw new SourceError(`the payload file has ${row} rows, the matrix has ${total}`);
  }
  if ((await lines.next()) !== undefined) {
    throw new SourceError(`the payload file has more rows than the matrix, which has ${total}`);
  }
}

class Lines {
  readonly #rows: AsyncIterator<SourceRow[]>;
  #some: SourceRow[] = [];
  #at = 0;

  constructor(reader: RowReader) {
    this.#rows = reader.rows(0);
  }

  async next(): Promise<SourceRow | undefined> {
    while (this.#at >= this.#some.length) {
      const next = await this.#rows.next();
      if (next.done === true) return undefined;
      this.#some = next.value;
      this.#at = 0;
    }
    this.#at += 1;
    return this.#some[this.#at - 1];
  }
}
