import type { Compressors, FileMetaData } from 'hyparquet';
import { UsageError } from '../usage-error.js';
import { type RowReader, SourceError, type SourceRow } from './row.js';

// Rows of a group are decoded together; a large group is decoded in parts of about this size.
const partBytes = 128 * 1024 * 1024;

/**
 * Rows of a Parquet file, one row group in memory at a time. `columns` are those that are read; all without it. Throws
 * UsageError when it is no Parquet file.
 */
export async function parquetReader(
  path: string,
  columnsOf: (all: readonly string[]) => readonly string[],
): Promise<RowReader> {
  const { parquetRead, asyncBufferFromFile, parquetMetadataAsync, parquetSchema, compressors } =
    await library();
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw new UsageError(`${path}: is no Parquet file that can be read (${messageOf(error)})`);
  });
  const header = parquetSchema(metadata).children.map(({ element }) => element.name);
  const columns = [...columnsOf(header)];
  let [doneRows, isStopped] = [0, false];
  const read = async (rowStart: number, rowEnd: number): Promise<SourceRow[]> => {
    let rows: SourceRow[] = [];
    const onComplete = (found: Record<string, unknown>[]): void => {
      rows = found.map((row) => ({ columns: row }));
    };
    await parquetRead({
      file,
      metadata,
      compressors,
      columns,
      rowStart,
      rowEnd,
      rowFormat: 'object',
      useOffsetIndex: true,
      onComplete,
    });
    if (rows.length !== rowEnd - rowStart)
      throw new Error(`${rows.length} rows instead of ${rowEnd - rowStart}`);
    return rows;
  };
  return {
    header,
    async *rows(skip) {
      for (const [start, end] of partsOf(metadata)) {
        if (isStopped) return;
        const from = Math.max(start, skip);
        if (from < end) {
          yield await read(from, end).catch((error: unknown) => {
            throw new SourceError(`rows ${from + 1} to ${end} cannot be read (${messageOf(error)})`);
          });
        }
        doneRows = end;
      }
    },
    progress: () => ({
      doneBytes: Math.round((file.byteLength * doneRows) / Math.max(1, Number(metadata.num_rows))),
      totalBytes: file.byteLength,
    }),
    stop: () => {
      isStopped = true;
    },
  };
}

/** Both packages are ES modules, and most runs read no Parquet file. */
async function library() {
  const [parquet, { compressors }]: [typeof import('hyparquet'), { compressors: Compressors }] =
    await Promise.all([import('hyparquet'), import('hyparquet-compressors')]);
  return { ...parquet, compressors };
}

/** Ranges of rows, from the first to the one after the last. */
function* partsOf(metadata: FileMetaData): Generator<[number, number]> {
  let start = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const parts = Math.max(1, Math.ceil(Number(group.total_byte_size) / partBytes));
    const perPart = Math.max(1, Math.ceil(rows / parts));
    for (let from = 0; from < rows; from += perPart)
      yield [start + from, start + Math.min(rows, from + perPart)];
    start += rows;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
