import { isDeepStrictEqual } from 'node:util';
import type { ByteSource } from '../data/byte-source.js';
import type { Mapping } from '../data/mapping.js';
import { UsageError } from '../usage-error.js';
import { type Checkpoint, readCheckpoint } from './checkpoint.js';
import { type IngestOptions, nameBeside } from './options.js';

/** The checkpoint that a run begins with: an unfinished run's, or one of no rows. Throws UsageError. */
export function startingPoint(options: IngestOptions, source: ByteSource, mapping: Mapping): Checkpoint {
  const { checkpointFile, file, rejectedFile, isDryRun } = options;
  const earlier = readCheckpoint(checkpointFile);
  const fresh: Checkpoint = {
    version: 1,
    source: { name: nameBeside(file), ...source.identity },
    isSourceBroken: false,
    options: optionsThatMatter(options, mapping),
    rows: 0,
    stored: 0,
    rejected: 0,
    reasons: {},
    rejectedFile: rejectedFile ?? `${nameBeside(file)}.rejected.jsonl`,
    rejectedBytes: 0,
  };
  if (earlier === undefined) return fresh;
  if (isDryRun) {
    // The rejected file of the unfinished run has to stay as it is.
    if (fresh.rejectedFile !== earlier.rejectedFile) return fresh;
    throw new UsageError(
      `${fresh.rejectedFile} belongs to an unfinished run; name another file with --rejected`,
    );
  }
  if (!options.resumes) {
    throw new UsageError(
      `${checkpointFile} is there of an unfinished run (or one that still runs), which has settled ${earlier.rows} rows; ` +
        'add --resume to go on after them, or delete that file to begin again',
    );
  }
  refuseOtherOptions(earlier, fresh, checkpointFile);
  refuseOtherSource(earlier, fresh, source, checkpointFile);
  if (rejectedFile !== undefined && rejectedFile !== earlier.rejectedFile) {
    throw new UsageError(`--rejected: the unfinished run has begun ${earlier.rejectedFile}`);
  }
  return { ...earlier, source: fresh.source, isSourceBroken: false };
}

function optionsThatMatter(options: IngestOptions, mapping: Mapping): Record<string, string> {
  const { csvTypes, payloadColumns, ...others } = mapping;
  const values = {
    tenant: options.tenant,
    collection: options.collection,
    format: options.format,
    payload: options.payloadFile,
    delimiter: options.format === 'csv' ? options.delimiter : undefined,
    ...others,
    payloadColumns: payloadColumns?.join(','),
    csvTypes:
      csvTypes === undefined || csvTypes === 'auto'
        ? csvTypes
        : [...csvTypes].map((pair) => pair.join('=')).join(','),
    // A row that was too long would be one no more.
    maxLineBytes: options.maxLineBytes,
  };
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

function refuseOtherOptions(earlier: Checkpoint, now: Checkpoint, path: string): void {
  for (const name of new Set([...Object.keys(earlier.options), ...Object.keys(now.options)])) {
    const [before, after] = [earlier.options[name], now.options[name]];
    if (before === after) continue;
    const change = `the unfinished run had ${name} ${before ?? '(none)'}, now it is ${after ?? '(none)'}`;
    throw new UsageError(`--resume: ${change}; delete ${path} to begin again`);
  }
}

function refuseOtherSource(earlier: Checkpoint, now: Checkpoint, source: ByteSource, path: string): void {
  if (isDeepStrictEqual(earlier.source, now.source)) return;
  // One that broke off may have been mended; what was read of it is the same.
  if (earlier.isSourceBroken && earlier.source.name === now.source.name && source.beginsAs(earlier.source))
    return;
  throw new UsageError(
    `--resume: ${now.source.name} has changed since the unfinished run; delete ${path} to begin again`,
  );
}
