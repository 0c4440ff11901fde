import { PointsServiceClient } from '../../src/gen/vectorgateway/v1/points_service.js';
import { metadataOf, RawClient } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { startTestGateway } from '../support/gateway.js';
import { startUpsertPeer } from '../support/upsert-peer.js';
import { pointBytes, streamMessage } from '../support/upsert-stream-client.js';

test('a call that its caller gives up is logged with the attempts it made', async () => {
  const peer = await startUpsertPeer({ dimension: 2, onUpsert: () => new Promise(() => undefined) });
  const gateway = await startTestGateway({ backendAddress: peer.address });
  const client = new RawClient(gateway.address);
  try {
    const request = streamMessage([pointBytes(1, [1, 2])], 'docs');
    const definition = PointsServiceClient.service.upsertPoints;
    const outcome = await client.call(definition, request, metadataOf(['x-company-id', '42']), {
      timeoutMs: 300,
    });
    expect(outcome.code).toBe(4);
    await eventually('the call is logged', () => lines().length > 0);
    // One for what the collection is, one for the write.
    expect(lines()).toMatchObject([{ attempts: 2 }]);
  } finally {
    client.close();
    await gateway.close();
    peer.close();
  }
  function lines(): unknown[] {
    return gateway.logLines
      .filter((line) => line.includes('PointsService/UpsertPoints'))
      .map((line) => JSON.parse(line));
  }
});
