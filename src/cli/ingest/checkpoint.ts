import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../usage-error.js';

const schema = z.object({
  version: z.literal(1),
  source: z.object({
    name: z.string(),
    headBytes: z.number(),
    headSha256: z.string(),
    sizeBytes: z.number().optional(),
    modifiedMs: z.number().optional(),
  }),
  /** The source broke off: a longer one with the same beginning takes its place. */
  isSourceBroken: z.boolean(),
  /** Flags that must not change in between, with their values. */
  options: z.record(z.string(), z.string()),
  rows: z.number().int().nonnegative(),
  stored: z.number().int().nonnegative(),
  rejected: z.number().int().nonnegative(),
  reasons: z.record(z.string(), z.number()),
  rejectedFile: z.string(),
  rejectedBytes: z.number().int().nonnegative(),
});

/** How far a run has come: every row before `rows` is stored, or listed in the first bytes of the rejected file. */
export type Checkpoint = z.infer<typeof schema>;

/** Undefined when there is none. Throws UsageError for a file that is no checkpoint. */
export function readCheckpoint(path: string): Checkpoint | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new UsageError(`${path} is no checkpoint that this version can read`);
  }
}

/** The file has either its old content or the new one, whatever happens in between. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  const draft = `${path}.tmp`;
  const descriptor = openSync(draft, 'w');
  try {
    writeSync(descriptor, `${JSON.stringify(checkpoint, undefined, 1)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
}

export function removeCheckpoint(path: string): void {
  rmSync(path, { force: true });
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
