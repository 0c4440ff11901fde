// Compiles scripts/kernel/scan.ts (AssemblyScript) and writes the module, as base64, into
// src/embedded/kernel/wasm-bytes.ts. The bytes are committed: tsc copies no .wasm files, and `npm start` then
// needs no compiler. `--print` writes the source text to stdout instead (a test compares it with the file).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'src/embedded/kernel/wasm-bytes.ts');
const asc = join(
  dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')),
  'bin/asc.js',
);

const folder = mkdtempSync(join(tmpdir(), 'scan-kernel-'));
let wasm;
try {
  const out = join(folder, 'scan.wasm');
  const flags = ['--runtime', 'stub', '--enable', 'simd', '--importMemory', '-O3', '--noAssert', '-o', out];
  execFileSync(process.execPath, [asc, 'scripts/kernel/scan.ts', ...flags], { cwd: root, stdio: 'inherit' });
  wasm = readFileSync(out);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const lines = wasm.toString('base64').match(/.{1,100}/g) ?? [];
const text = `/** The scan kernel. Written by scripts/build-kernel.mjs from scripts/kernel/scan.ts; do not edit. */
export const KERNEL_WASM_BASE64 = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync(target, text);
