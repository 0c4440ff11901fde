import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const tsc = join(root, 'node_modules', '.bin', 'tsc');
const fixtures = readdirSync(__dirname).filter((name) => name.endsWith('.fixture.ts'));
const directive = /^\/\/ @ts-expect-error (TS\d+): .+$/;

function compile(config: string): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    execFile(tsc, ['-p', config, '--pretty', 'false'], { cwd: root }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** "fixture:line TScode" of every directive: the error is on the line below it. */
function expectedErrors(): string[] {
  return fixtures.flatMap((name) =>
    readFileSync(join(__dirname, name), 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const code = directive.exec(line)?.[1];
        return code === undefined ? [] : [`${name}:${index + 2} ${code}`];
      }),
  );
}

/** Compiles copies of the fixtures whose directives are blanked, and returns the errors that come to light. */
async function errorsWithoutDirectives(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-types-'));
  try {
    mkdirSync(join(folder, 'test'));
    for (const name of fixtures) {
      const source = readFileSync(join(__dirname, name), 'utf8')
        .replaceAll('@ts-expect-error', '')
        .replaceAll("'../../src/", `'${root}/src/`);
      writeFileSync(join(folder, name), source);
    }
    const config = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noUnusedLocals: false, typeRoots: [join(root, 'node_modules', '@types')] },
      include: [join(folder, '*.fixture.ts')],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const { output } = await compile(join(folder, 'tsconfig.json'));
    const found = output.matchAll(/^(?:.*\/)?([\w-]+\.fixture\.ts)\((\d+),\d+\): error (TS\d+)/gm);
    return Array.from(found, ([, name, line, code]) => `${name}:${line} ${code}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('every directive in the fixtures names the error that it expects', () => {
  const all = fixtures.flatMap(
    (name) => readFileSync(join(__dirname, name), 'utf8').match(/@ts-expect-error/g) ?? [],
  );
  expect(expectedErrors()).toHaveLength(all.length);
  expect(all.length).toBeGreaterThanOrEqual(20);
});

test('scopes cannot be forged and the RPC table cannot be left incomplete: such code does not compile', async () => {
  expect(await compile(join(__dirname, 'tsconfig.json'))).toEqual({ code: 0, output: '' });
}, 60_000);

// A directive is satisfied by any error, a misspelt import too: this shows that it is the one that was meant.
test('without the directives the compiler reports exactly the named errors', async () => {
  expect((await errorsWithoutDirectives()).sort()).toEqual(expectedErrors().sort());
}, 60_000);
