import type { Http2SecureServer, Http2Server } from 'node:http2';
import { startDelayProxy } from '../../bench/suite/targets/delay-proxy.js';
import { visitNewHttp2Servers } from '../../src/transport/new-http2-servers.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { startUpsertPeer, type UpsertPeer } from '../support/upsert-peer.js';
import { connectStreamClient, pointBytes, streamMessage } from '../support/upsert-stream-client.js';

const dimension = 1536;
const nodesOwnWindow = 65_535;

let peer: UpsertPeer;
beforeAll(async () => {
  peer = await startUpsertPeer({ dimension, countOnly: true });
});
afterAll(() => peer.close());

/** The windows that a server has when nobody widens them. */
function narrow(server: Http2Server | Http2SecureServer): void {
  // In a later turn, so that it comes after the gateway's own change.
  setImmediate(() => {
    server.updateSettings({ initialWindowSize: nodesOwnWindow });
    server.on('session', (session) => session.setLocalWindowSize(nodesOwnWindow));
  });
}

/** MB/s of one stream to the gateway, 10 ms away. */
async function rateOf(gateway: TestGateway, messages: number): Promise<number> {
  const proxy = await startDelayProxy(gateway.address, 10);
  const client = connectStreamClient(proxy.address);
  const vector = new Array<number>(dimension).fill(0.5);
  const points = Array.from({ length: 256 }, (_, id) => pointBytes(id, vector));
  const message = streamMessage(points, 'docs');
  await client.run([message]);
  const beganAtMs = performance.now();
  const end = await client.run(Array.from({ length: messages }, () => message));
  const seconds = (performance.now() - beganAtMs) / 1000;
  expect(end).toMatchObject({ code: 0, summary: { upserted: BigInt(256 * messages) } });
  client.close();
  proxy.close();
  await gateway.close();
  return (message.length * messages) / 1e6 / seconds;
}

test('a stream from 10 ms away reaches ten times what windows of 64 KiB allow', async () => {
  const start = () => startTestGateway({ backendAddress: peer.address });
  const before = await rateOf(await visitNewHttp2Servers(narrow, start), 12);
  const now = await rateOf(await start(), 120);
  console.info(`10 ms away: ${before.toFixed(1)} MB/s with 64 KiB windows, ${now.toFixed(1)} MB/s with ours`);
  expect(now / before).toBeGreaterThanOrEqual(10);
}, 60_000);
