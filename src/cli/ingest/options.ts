import type { Distance } from '../../client/index.js';
import type { ConnectionFlags } from '../connect/connection-flags.js';
import { parseCsvTypes } from '../data/csv-types.js';
import type { Mapping } from '../data/mapping.js';
import { isUuid } from '../data/uuid-v5.js';
import { wholeNumber } from '../number-text.js';
import { UsageError } from '../usage-error.js';

export const formats = ['jsonl', 'csv', 'parquet', 'npy'] as const;
export type Format = (typeof formats)[number];

/** Flags as they were typed. */
export interface IngestFlags extends ConnectionFlags {
  readonly collection?: string;
  readonly create?: boolean;
  readonly distance?: Distance;
  readonly format?: Format;
  readonly idField?: string;
  readonly rowIds?: boolean;
  readonly idNamespace?: string;
  readonly vectorField?: string;
  readonly vectorPrefix?: string;
  readonly payloadField?: string;
  readonly payloadColumns?: string;
  readonly payload?: string;
  readonly csvTypes?: string;
  readonly delimiter?: string;
  readonly maxLineBytes: string;
  readonly rejected?: string;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** What is to be done, checked. */
export interface IngestOptions {
  /** "-" is stdin. */
  readonly file: string;
  readonly format: Format;
  readonly mapping: Mapping;
  /** The file with the payload beside a matrix. */
  readonly payloadFile: string | undefined;
  /** Whether the first row of the payload file decides if the ids are there or are the numbers of the rows. */
  readonly looksForIds: boolean;
  readonly delimiter: string;
  readonly maxLineBytes: number;
  readonly collection: string;
  readonly tenant: string;
  readonly creates: boolean;
  readonly distance: Distance | undefined;
  readonly checkpointFile: string;
  /** Undefined: beside the checkpoint. */
  readonly rejectedFile: string | undefined;
  readonly resumes: boolean;
  readonly isDryRun: boolean;
  readonly isStrict: boolean;
  readonly isJson: boolean;
}

/** Throws UsageError for flags that do not go together. */
export function ingestOptions(file: string, flags: IngestFlags, tenant: string): IngestOptions {
  const format = flags.format ?? formatOf(file);
  refuseMisplaced(flags, format, file);
  const collection = flags.collection ?? '';
  if (collection === '' && flags.dryRun !== true)
    throw new UsageError('into which collection? Give --collection <name>');
  if (flags.distance !== undefined && flags.create !== true)
    throw new UsageError('--distance goes with --create');
  return {
    file,
    format,
    mapping: mappingOf(flags, format),
    payloadFile: flags.payload,
    looksForIds: flags.payload !== undefined && flags.idField === undefined && flags.rowIds !== true,
    delimiter:
      flags.delimiter === undefined
        ? /\.tsv(\.gz)?$/i.test(file)
          ? '\t'
          : ','
        : delimiterOf(flags.delimiter),
    maxLineBytes: wholeNumber('--max-line-bytes', flags.maxLineBytes, 1_024, 256 * 1024 * 1024),
    collection,
    tenant,
    creates: flags.create === true,
    distance: flags.distance,
    checkpointFile: flags.checkpoint ?? `${nameBeside(file)}.checkpoint.json`,
    rejectedFile: flags.rejected,
    resumes: flags.resume === true,
    isDryRun: flags.dryRun === true,
    isStrict: flags.strict === true,
    isJson: flags.json === true,
  };
}

/** Where the files that belong to a run lie without a flag. */
export function nameBeside(file: string): string {
  return file === '-' ? 'stdin' : file;
}

function formatOf(file: string): Format {
  if (file === '-') return 'jsonl';
  const extension = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  const known: Readonly<Record<string, Format>> = {
    jsonl: 'jsonl',
    ndjson: 'jsonl',
    json: 'jsonl',
    csv: 'csv',
    tsv: 'csv',
    parquet: 'parquet',
    pq: 'parquet',
    npy: 'npy',
  };
  const format = known[extension];
  if (format !== undefined) return format;
  throw new UsageError(`${file}: its name does not tell the format; give --format ${formats.join('|')}`);
}

function refuseMisplaced(flags: IngestFlags, format: Format, file: string): void {
  const onlyIn: readonly [flag: string, value: unknown, formats: readonly Format[]][] = [
    ['--payload', flags.payload, ['npy']],
    ['--csv-types', flags.csvTypes, ['csv']],
    ['--delimiter', flags.delimiter, ['csv']],
    ['--vector-field', flags.vectorField, ['jsonl', 'csv', 'parquet']],
    ['--vector-prefix', flags.vectorPrefix, ['jsonl', 'csv', 'parquet']],
  ];
  for (const [flag, value, those] of onlyIn) {
    if (value !== undefined && !those.includes(format)) {
      throw new UsageError(`${flag} is for ${those.join(', ')} files, this one is read as ${format}`);
    }
  }
  if (format === 'parquet' && file === '-')
    throw new UsageError('a Parquet file is read from its end: name the file');
  if (flags.payload === '-') throw new UsageError('--payload: name a file');
  const pairs: readonly [string, unknown, string, unknown][] = [
    ['--vector-field', flags.vectorField, '--vector-prefix', flags.vectorPrefix],
    ['--payload-field', flags.payloadField, '--payload-columns', flags.payloadColumns],
    ['--id-field', flags.idField, '--row-ids', flags.rowIds],
    ['--id-namespace', flags.idNamespace, '--row-ids', flags.rowIds],
    ['--dry-run', flags.dryRun, '--resume', flags.resume],
  ];
  for (const [one, oneValue, other, otherValue] of pairs) {
    if (oneValue !== undefined && otherValue !== undefined)
      throw new UsageError(`give ${one} or ${other}, not both`);
  }
}

function mappingOf(flags: IngestFlags, format: Format): Mapping {
  const { idNamespace, payloadColumns, csvTypes } = flags;
  if (idNamespace !== undefined && !isUuid(idNamespace)) {
    throw new UsageError(`--id-namespace: ${JSON.stringify(idNamespace)} is no UUID (uuidgen makes one)`);
  }
  const hasColumn = format !== 'npy' && flags.vectorPrefix === undefined;
  const hasNoIds = format === 'npy' && flags.payload === undefined;
  if (hasNoIds && flags.idField !== undefined)
    throw new UsageError('--id-field needs --payload, which has the ids');
  return {
    idField: flags.idField ?? 'id',
    hasRowIds: flags.rowIds === true || hasNoIds,
    idNamespace,
    vectorField: hasColumn ? (flags.vectorField ?? 'vector') : undefined,
    vectorPrefix: flags.vectorPrefix,
    payloadField: flags.payloadField,
    payloadColumns:
      payloadColumns === undefined ? undefined : payloadColumns.split(',').filter((name) => name !== ''),
    csvTypes: format === 'csv' ? (csvTypes === undefined ? new Map() : parseCsvTypes(csvTypes)) : undefined,
  };
}

function delimiterOf(text: string): string {
  const delimiter = text === '\\t' || text === 'tab' ? '\t' : text;
  if (/^[\x09\x20-\x7e]$/.test(delimiter) && delimiter !== '"') return delimiter;
  throw new UsageError(`--delimiter: must be one character ("tab" for a tab), not ${JSON.stringify(text)}`);
}
