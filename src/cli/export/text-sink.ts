import { createWriteStream, openSync, renameSync, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CommandError, UsageError } from '../usage-error.js';

/** Where much text goes, no faster than it is taken. */
export interface TextSink {
  write(text: string): Promise<void>;
  /** All of it is there, under its name. */
  finish(): Promise<void>;
  /** Nothing is left of it. */
  discard(): void;
}

/** Standard output. Writing rejects with CommandError when its reader has gone. */
export function streamSink(stream: Writable): TextSink {
  let hasGone = false;
  // Standard output does not count as destroyed after an error.
  stream.once('error', () => {
    hasGone = true;
  });
  const write = async (text: string): Promise<void> => {
    if (!stream.write(text) && !hasGone) await untilRoom(stream);
    if (hasGone) throw new CommandError('standard output was closed before everything was written');
  };
  return {
    write,
    finish: async () => {
      await new Promise((resolve) => stream.write('', resolve));
      await write('');
    },
    discard: () => undefined,
  };
}

/** A file that has its name only when it is whole; gzipped by the extension .gz. Throws UsageError. */
export function fileSink(path: string): TextSink {
  const draft = `${path}.${process.pid}.tmp`;
  const file = createWriteStream(draft, { fd: openDraft(draft), flush: true });
  const gzip = path.endsWith('.gz') ? createGzip() : undefined;
  gzip?.pipe(file);
  const target = gzip ?? file;
  let failure: Error | undefined;
  file.on('error', (error) => {
    failure = error;
    // Whoever waits for room is let go.
    target.destroy();
  });
  return {
    write: async (text) => {
      if (!target.write(text) && failure === undefined) await untilRoom(target);
      if (failure !== undefined) throw failure;
    },
    finish: async () => {
      target.end();
      await finished(file);
      renameSync(draft, path);
    },
    discard: () => {
      target.destroy();
      file.destroy();
      rmSync(draft, { force: true });
    },
  };
}

function openDraft(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new UsageError(`cannot write: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function untilRoom(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'error'];
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}
