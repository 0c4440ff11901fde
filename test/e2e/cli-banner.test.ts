import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { PointsServiceClient } from '../../src/gen/vectorgateway/v1/points_service.js';
import { metadataOf, RawClient } from '../support/clients.js';
import { startUpsertPeer } from '../support/upsert-peer.js';

// util-linux's `script` lends a terminal; systems without it run the rest.
const hasScript = spawnSync('script', ['--version']).status === 0;
const main = resolve(__dirname, '../../dist/main.js');

(hasScript ? test : test.skip)(
  'in a terminal the gateway shows where it listens and a command to try',
  async () => {
    const peer = await startUpsertPeer({ dimension: 4 });
    const child = spawn('script', ['-qec', `exec "${process.execPath}" "${main}" serve`, '/dev/null'], {
      env: {
        PATH: process.env.PATH ?? '',
        QDRANT_URL: `http://${peer.address}`,
        PORT: '0',
        METRICS_PORT: 'off',
        SHELL: '/bin/sh',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let out = '';
    const ended = new Promise<number | null>((done) => child.on('close', done));
    const line = await new Promise<RegExpExecArray>((found, failed) => {
      child.on('close', () => failed(new Error(`no banner: ${out}`)));
      child.stdout.on('data', (chunk) => {
        out += String(chunk);
        const match = /grpcurl -plaintext -H 'x-company-id: 42' -d '(.+)' (\S+) (\S+)\/CreateCollection/.exec(
          out,
        );
        if (match !== null) found(match);
      });
    });
    const [, body = '', address = '', service] = line;
    expect(JSON.parse(body)).toEqual({ collection: 'demo', vector_size: 4 });
    expect(service).toBe('vectorgateway.v1.CollectionsService');
    expect(out).toContain(`address   ${address}`);
    const client = new RawClient(address);
    const outcome = await client.call(PointsServiceClient.service.countPoints, Buffer.alloc(0), metadataOf());
    expect(outcome.error?.reason).toBe('TENANT_ID_MISSING');
    client.close();
    // What Ctrl-C sends, by way of the terminal.
    child.stdin.write('\x03');
    expect(await ended).toBe(0);
    peer.close();
  },
);
