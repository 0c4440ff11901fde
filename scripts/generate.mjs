// Regenerates src/gen from proto/: stubs by ts-proto, and the descriptor set that reflection serves.
// `--into DIR` writes DIR/src/gen instead. Needs no network: buf and its plugin come from node_modules.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const buf = join('node_modules', '.bin', 'buf');
const run = (...args) => execFileSync(buf, args, { stdio: ['ignore', 'inherit', 'inherit'] });

const at = process.argv.indexOf('--into');
const base = at === -1 ? '.' : process.argv[at + 1];
const target = join(base, 'src', 'gen');

rmSync(target, { recursive: true, force: true });
run('generate', '--template', 'buf.gen.yaml', '--output', base);

const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-generate-'));
try {
  const file = join(folder, 'descriptors.binpb');
  run('build', '--as-file-descriptor-set', '-o', file);
  const lines = readFileSync(file)
    .toString('base64')
    .match(/.{1,100}/g);
  const body = lines.map((line) => `  '${line}',`).join('\n');
  writeFileSync(
    join(target, 'descriptor_set.ts'),
    `// Written by scripts/generate.mjs. A google.protobuf.FileDescriptorSet in base64: what reflection serves.\n` +
      `export const descriptorSetBase64: string = [\n${body}\n].join('');\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
