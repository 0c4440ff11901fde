import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readConfig, settings, settingsMarkdown, variables } from '../../../src/config/index.js';

const root = resolve(__dirname, '../../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

/** Keys and values of the ENV instruction of the last stage. */
function imageEnvironment(): Record<string, string> {
  const stage =
    read('Dockerfile')
      .split(/^FROM /m)
      .at(-1) ?? '';
  const block = /^ENV ((?:.*\\\n)*.*)$/m.exec(stage)?.[1] ?? '';
  return Object.fromEntries(
    block
      .replaceAll('\\\n', ' ')
      .trim()
      .split(/\s+/)
      .map((pair) => pair.split('=') as [string, string]), // each is NAME=value: asserted below
  );
}

/** The lines of one service in compose.yaml. */
function composeService(name: string): string {
  return new RegExp(`^  ${name}:\\n((?:    .*\\n|\\n)+)`, 'm').exec(read('compose.yaml'))?.[1] ?? '';
}

const gatewayVariables = (): string[] =>
  [...composeService('gateway').matchAll(/^ {6}([A-Z_]+): /gm)].map(([, name]) => name ?? '');

test('docs/configuration.md holds the tables that the gateway prints', () => {
  expect(read('docs/configuration.md')).toContain(settingsMarkdown());
});

test('the image sets only variables that the gateway reads, to values it accepts', () => {
  const { NODE_ENV, ...env } = imageEnvironment();
  expect(NODE_ENV).toBe('production');
  expect(Object.keys(env).filter((name) => !(name in settings))).toEqual([]);
  expect(readConfig({ ...env, INSECURE_NO_AUTH: 'true', BACKEND: 'embedded' }, {}).port).toBe(50051);
});

test('the image as it is refuses to start without keys', () => {
  const { NODE_ENV: _, ...env } = imageEnvironment();
  expect(() => readConfig({ ...env, QDRANT_URL: 'http://127.0.0.1:6334' }, {})).toThrow(/API_KEYS_FILE/);
});

test('the image as it is refuses the embedded store unless it is asked for', () => {
  const { NODE_ENV: _, ...env } = imageEnvironment();
  expect(() => readConfig({ ...env, INSECURE_NO_AUTH: 'true' }, {})).toThrow(/BACKEND/);
});

test('the image listens on the ports it exposes, is no root, and checks its health by the command', () => {
  const text = read('Dockerfile');
  const { PORT, METRICS_PORT } = imageEnvironment();
  expect(text).toContain(`EXPOSE ${PORT} ${METRICS_PORT}\n`);
  expect(text).toMatch(/^USER node$/m);
  expect(text).toMatch(/^HEALTHCHECK [\s\S]*?"dist\/main.js", "health"/m);
  expect(text).toMatch(/^CMD \["node", "dist\/main.js", "serve"\]$/m);
});

test('compose.yaml sets only variables that the gateway reads, and publishes the ports of the image', () => {
  const names = gatewayVariables();
  expect(names).toEqual(expect.arrayContaining(['QDRANT_URL', 'API_KEYS_FILE', 'TLS_CERT_FILE']));
  expect(names.filter((name) => !(name in settings))).toEqual([]);
  const { PORT, METRICS_PORT } = imageEnvironment();
  for (const port of [PORT, METRICS_PORT]) {
    expect(composeService('gateway')).toContain(`"127.0.0.1:${port}:${port}"`);
  }
});

test('compose.yaml publishes no port of Qdrant', () => {
  expect(composeService('qdrant')).toContain('image: qdrant/qdrant:');
  expect(composeService('qdrant')).not.toContain('ports:');
});

test('the unit sets only variables that the gateway reads', () => {
  const line = /^Environment=(.*)$/m.exec(read('deploy/vector-gateway.service'))?.[1] ?? '';
  const names = line.split(' ').map((pair) => pair.split('=')[0] ?? '');
  expect(names.filter((name) => name !== 'NODE_ENV' && !variables.some((known) => known === name))).toEqual(
    [],
  );
});
