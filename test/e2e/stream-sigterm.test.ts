import { setTimeout as sleep } from 'node:timers/promises';
import { startGatewayProcess } from '../support/gateway-process.js';
import { startUpsertPeer } from '../support/upsert-peer.js';
import { connectStreamClient, goodMessages } from '../support/upsert-stream-client.js';

test('a stream that is open at SIGTERM gets its summary, what is in flight included, and the process ends with 0', async () => {
  let arrived: () => void = () => undefined;
  const secondWrite = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const peer = await startUpsertPeer({
    dimension: 4,
    onUpsert: async (_request, number) => {
      if (number === 2) arrived();
      await sleep(300);
    },
  });
  const gateway = await startGatewayProcess(peer.address);
  const client = connectStreamClient(gateway.address);
  const stream = client.open();
  for (const message of goodMessages(512, 256)) await stream.send(message);
  await secondWrite;
  const exit = gateway.stop();
  expect(await stream.ended).toMatchObject({
    code: 14,
    reason: 'SHUTTING_DOWN',
    summary: { received: 512n, upserted: 512n, durableThrough: 511n, indeterminate: [] },
  });
  expect(await exit).toBe(0);
  client.close();
  peer.close();
});
