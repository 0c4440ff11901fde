import { PointsServiceService } from '../../src/gen/vectorgateway/v1/points_service.js';
import type { Transport } from '../../src/transport/server.js';
import { startBareTransport } from '../support/bare-transport.js';
import { metadataOf, RawClient } from '../support/clients.js';

const { countPoints } = PointsServiceService;
const request = Buffer.alloc(0);

let transport: Transport;
let client: RawClient;

beforeAll(async () => {
  transport = await startBareTransport({
    onUnary: async () => new Uint8Array(),
    maxMessageBytes: 65_536,
    maxMetadataBytes: 4096,
  });
  client = new RawClient(transport.address);
});
afterAll(() => {
  client.close();
  transport.forceStop();
});

async function requestIdOf(...pairs: readonly (readonly [string, string])[]): Promise<unknown> {
  const { trailers } = await client.call(countPoints, request, metadataOf(...pairs));
  return trailers.get('x-request-id');
}

test("a call ends with the caller's own request id", async () => {
  expect(await requestIdOf(['x-company-id', '42'], ['x-request-id', 'job-7:3'])).toEqual(['job-7:3']);
});

test('a call without one, or with one that does not belong in a log, gets a new one', async () => {
  const own = /^[0-9a-f]{16}$/;
  expect(await requestIdOf(['x-company-id', '42'])).toEqual([expect.stringMatching(own)]);
  expect(await requestIdOf(['x-company-id', '42'], ['x-request-id', 'a b"c'])).toEqual([
    expect.stringMatching(own),
  ]);
});

test('a refused call has a request id too', async () => {
  expect(await requestIdOf(['x-request-id', 'abc'])).toEqual(['abc']);
});
