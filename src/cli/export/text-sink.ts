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

/** Standard output. Throws CommandError when its reader has gone. */
export function streamSink(stream: Writable): TextSink {
  const gone = (): CommandError =>
    new CommandError('standard output was closed before everything was written');
  return {
    write: async (text) => {
      if (stream.destroyed || stream.errored !== null) throw gone();
      if (stream.write(text)) return;
      await untilRoom(stream);
      if (stream.destroyed || stream.errored !== null) throw gone();
    },
    finish: () =>
      new Promise((resolve, reject) => stream.write('', (error) => (error ? reject(gone()) : resolve()))),
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
    target.emit('drain');
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
    return openSync(path, 'w', 0o600);
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
