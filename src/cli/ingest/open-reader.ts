import type { CliIo } from '../cli-io.js';
import { ByteSource } from '../data/byte-source.js';
import { checkHeader } from '../data/column-watch.js';
import { csvReader } from '../data/csv-reader.js';
import { jsonlReader } from '../data/jsonl-reader.js';
import type { Mapping } from '../data/mapping.js';
import { npyReader } from '../data/npy-reader.js';
import { parquetReader } from '../data/parquet-reader.js';
import type { RowReader } from '../data/row.js';
import { vectorColumns } from '../data/vector-columns.js';
import type { IngestOptions } from './options.js';

export interface OpenedSource {
  readonly reader: RowReader;
  readonly bytes: ByteSource;
  readonly mapping: Mapping;
}

/** Throws UsageError for a file that cannot be read, or that lacks a column its header would name. */
export async function openSource(options: IngestOptions, io: CliIo): Promise<OpenedSource> {
  const source = await ByteSource.open(options.file, io.stdin);
  const reader = await readerOf(source, options, io);
  if (reader.header !== undefined) checkHeader(options.mapping, reader.header);
  const hasRowIds = options.mapping.hasRowIds || (options.looksForIds && !(await hasIds(options, io)));
  return { reader, bytes: source, mapping: { ...options.mapping, hasRowIds } };
}

async function readerOf(source: ByteSource, options: IngestOptions, io: CliIo): Promise<RowReader> {
  const { format, file, maxLineBytes, delimiter, mapping } = options;
  switch (format) {
    case 'jsonl':
      return jsonlReader(source, maxLineBytes);
    case 'csv':
      return csvReader(source, { maxLineBytes, delimiter });
    case 'parquet':
      source.stop();
      return parquetReader(file, (all) => neededColumns(mapping, all));
    case 'npy':
      return npyReader(source, await payloadReader(options, io));
  }
}

async function payloadReader(options: IngestOptions, io: CliIo): Promise<RowReader | undefined> {
  const { payloadFile, maxLineBytes } = options;
  if (payloadFile === undefined) return undefined;
  return jsonlReader(await ByteSource.open(payloadFile, io.stdin), maxLineBytes);
}

/** Whether the first row of the payload file has the ids. */
async function hasIds(options: IngestOptions, io: CliIo): Promise<boolean> {
  const reader = await payloadReader(options, io);
  const first = await reader?.rows(0).next();
  reader?.stop();
  const columns = first?.done === false ? first.value[0]?.columns : undefined;
  return columns !== undefined && Object.hasOwn(columns, options.mapping.idField);
}

/** Columns that are not asked for are not read. */
function neededColumns(mapping: Mapping, all: readonly string[]): readonly string[] {
  const { idField, vectorField, vectorPrefix, payloadField, payloadColumns } = mapping;
  const payload = payloadColumns ?? (payloadField === undefined ? undefined : [payloadField]);
  if (payload === undefined) return all;
  checkHeader(mapping, all);
  const vector = vectorPrefix === undefined ? [vectorField] : vectorColumns(vectorPrefix, all);
  const wanted = new Set<string | undefined>([
    ...payload,
    ...vector,
    ...(mapping.hasRowIds ? [] : [idField]),
  ]);
  return all.filter((name) => wanted.has(name));
}
