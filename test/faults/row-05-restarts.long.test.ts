import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { restartUnderLoad, startRestartingNode } from './restarts.js';

// Row 5: a node that restarts 120 times.
const restarts = 120;

test('the node restarts 120 times under load: the gateway never ends', async () => {
  const { exitCode, stopCode, errors, codes } = await restartUnderLoad(restarts);
  expect([exitCode, stopCode]).toEqual([null, 0]);
  expect(errors).toEqual([]);
  for (const code of codes.keys()) expect([0, 14]).toContain(code);
}, 300_000);

test('the bare client of Qdrant takes its process down', async () => {
  const node = await startRestartingNode();
  const port = node.address.split(':')[1] ?? '';
  const child = spawn(process.execPath, ['-e', bareLoad, port], {
    cwd: resolve(__dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let lastWords = '';
  child.stderr.on('data', (text) => {
    lastWords += text;
  });
  child.stdout.resume();
  try {
    await new Promise((ready) => child.stdout.once('data', ready));
    for (let done = 0; done < restarts && child.exitCode === null; done += 1) {
      // At any moment: the fault is a call that begins while an idle connection closes.
      await sleep(20 + Math.random() * 20);
      await node.restart('goaway');
    }
    expect(child.exitCode).toBeGreaterThan(0);
    expect(lastWords).toContain('received GOAWAY without any open streams');
  } finally {
    child.kill('SIGKILL');
    await node.close();
  }
}, 60_000);

// Calls on and on, and takes every error that a call can have.
const bareLoad = `
const { QdrantClient } = require('@qdrant/js-client-grpc');
const client = new QdrantClient({ host: '127.0.0.1', port: Number(process.argv[1]), checkCompatibility: false });
async function load() {
  for (;;) {
    await client.api('points').count({ collectionName: 'docs' }).catch(() => undefined);
    console.log('called');
    await new Promise((next) => setImmediate(next));
  }
}
load();
`;
