import { connectTestBackend, contextOf, nameOf, noBody } from '../../support/backend.js';
import { startHttp2Peer } from '../../support/http2-peer.js';

test('the backend is not asked to compress its replies, by no call of a connection', async () => {
  const offers: unknown[] = [];
  const node = await startHttp2Peer({
    onHealthCheck: (call) => {
      offers.push(call.headers['grpc-accept-encoding']);
      call.reply();
    },
  });
  const backend = connectTestBackend({ addresses: [node.address] });
  try {
    for (let call = 0; call < 3; call += 1)
      await backend.call('Points/Get', nameOf('docs'), noBody, contextOf());
    await backend.check(contextOf());
    offers.push(...node.calls.map(({ headers }) => headers['grpc-accept-encoding']));
    expect(offers.length).toBeGreaterThan(3);
    expect(new Set(offers)).toEqual(new Set(['identity']));
  } finally {
    await backend.close();
    await node.close();
  }
});
