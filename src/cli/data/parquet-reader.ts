import type { Compressors, FileMetaData } from 'hyparquet';
import { UsageError } from '../usage-error.js';
import { type RowReader, SourceError, type SourceRow } from './row.js';

// Rows of a group are decoded together; a large group is decoded in parts of about this size.
const partBytes = 128 * 1024 * 1024;

/**
 * Rows of a Parquet file, one row group in memory at a time. `columnsOf` chooses the columns that are read. Throws
 * UsageError when it is no Parquet file.
 */
export async function parquetReader(
  path: string,
  columnsOf: (all: readonly string[]) => readonly string[],
): Promise<RowReader> {
  const { header, metadata, fileBytes, read } = await open(path);
  const columns = columnsOf(header);
  let [doneRows, isStopped] = [0, false];
  return {
    header,
    async *rows(skip) {
      for (const [start, end] of partsOf(metadata)) {
        const from = Math.max(start, skip);
        if (isStopped) return;
        if (from < end) yield await read(columns, from, end);
        doneRows = end;
      }
    },
    progress: () => ({
      doneBytes: Math.round((fileBytes * doneRows) / Math.max(1, Number(metadata.num_rows))),
      totalBytes: fileBytes,
    }),
    stop: () => {
      isStopped = true;
    },
  };
}

async function open(path: string) {
  const { parquetRead, asyncBufferFromFile, parquetMetadataAsync, parquetSchema, compressors } =
    await library();
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw new UsageError(`${path}: is no Parquet file that can be read (${messageOf(error)})`);
  });
  const read = async (columns: readonly string[], rowStart: number, rowEnd: number): Promise<SourceRow[]> => {
    let rows: SourceRow[] = [];
    const onComplete = (found: Record<string, unknown>[]): void => {
      rows = found.map((row) => ({ columns: row }));
    };
    const wanted = { columns: [...columns], rowStart, rowEnd, useOffsetIndex: true };
    try {
      await parquetRead({ file, metadata, compressors, ...wanted, rowFormat: 'object', onComplete });
      if (rows.length === rowEnd - rowStart) return rows;
      throw new Error(`there are ${rows.length}`);
    } catch (error) {
      throw new SourceError(`rows ${rowStart + 1} to ${rowEnd} cannot be read (${messageOf(error)})`);
    }
  };
  const header = parquetSchema(metadata).children.map(({ element }) => element.name);
  return { header, metadata, fileBytes: file.byteLength, read };
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
