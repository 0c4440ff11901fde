import { mkdtempSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IdentityFileError, LiveFile } from '../../../src/identity/index.js';
import { eventually } from '../../support/eventually.js';

const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-live-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Followed {
  readonly path: string;
  readonly file: LiveFile<string>;
  readonly told: string[];
}

let opened = 0;
const files: LiveFile<string>[] = [];
afterAll(() => {
  for (const file of files) file.close();
});

async function follow(text: string): Promise<Followed> {
  opened += 1;
  const path = join(folder, `file-${opened}`);
  writeFileSync(path, text);
  const told: string[] = [];
  const parse = (read: string): string => {
    if (!read.startsWith('good')) throw new IdentityFileError('not good');
    return read;
  };
  const file = await LiveFile.open(path, parse, {
    onReload: () => told.push('reload'),
    onProblem: (problem) => told.push(problem),
  });
  files.push(file);
  return { path, file, told };
}

test.concurrent('a file that is written again in place is read again', async () => {
  const { path, file, told } = await follow('good 1');
  writeFileSync(path, 'good 22');
  await eventually('it is read', () => file.value === 'good 22');
  expect([file.revision, told]).toEqual([1, ['reload']]);
});

test.concurrent('a change is found also where size and time of the file stay the same', async () => {
  const { path, file } = await follow('good 1');
  const { atime, mtime } = statSync(path);
  writeFileSync(path, 'good 2');
  utimesSync(path, atime, mtime);
  await eventually('it is read', () => file.value === 'good 2');
});

test.concurrent('a file that is half written changes nothing, and is read when it is whole', async () => {
  const { path, file, told } = await follow('good 1');
  truncateSync(path, 0);
  await eventually('it is told', () => told.length > 0);
  expect([file.value, file.revision, told]).toEqual(['good 1', 0, ['not good']]);
  writeFileSync(path, 'good 2');
  await eventually('it is read', () => file.value === 'good 2');
  expect(told).toEqual(['not good', 'reload']);
});

test.concurrent('a file that was away and is the same again is told, and counts as no change', async () => {
  const { path, file, told } = await follow('good 1');
  renameSync(path, `${path}.away`);
  await eventually('it is told', () => told.length > 0);
  expect(told).toEqual([`${path}: the file does not exist`]);
  renameSync(`${path}.away`, path);
  await eventually('it is told', () => told.includes('reload'));
  expect([file.value, file.revision]).toEqual(['good 1', 0]);
});

test('a file that cannot be used at the beginning is an error', async () => {
  await expect(follow('bad')).rejects.toThrow(IdentityFileError);
  const hooks = { onReload: () => undefined, onProblem: () => undefined };
  await expect(LiveFile.open(join(folder, 'none'), (text) => text, hooks)).rejects.toThrow('does not exist');
  await expect(LiveFile.open(folder, (text) => text, hooks)).rejects.toThrow('it is a folder');
});
