import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import {
  CollectionsServiceService,
  CreateCollectionRequest,
} from '../../src/gen/vectorgateway/v1/collections_service.js';
import { PointsServiceService } from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant, RawClient } from '../support/clients.js';
import { eventually } from '../support/eventually.js';
import { keyFileText, startTestGateway } from '../support/gateway.js';
import { pointBytes, streamMessage } from '../support/upsert-stream-client.js';
import { lengthField } from '../support/wire-bytes.js';

const key = 'the-key-of-the-exporter';
const dimension = 4096;
const entry = { name: 'exporter', key, tenants: ['42'], scopes: ['read', 'write', 'admin'] as const };

test('an export that nobody reads does not outlive its key: what was not read yet is not sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-live-export-'));
  const file = join(folder, 'keys.json');
  writeFileSync(file, keyFileText([entry]));
  const gateway = await startTestGateway({ embedded: true, env: { API_KEYS_FILE: file } });
  const raw = new RawClient(gateway.address);
  const shape = { collection: 'docs', vectorSize: BigInt(dimension) };
  const create = CreateCollectionRequest.encode(CreateCollectionRequest.fromPartial(shape)).finish();
  const metadata = asTenant('42', key);
  const created = await raw.call(CollectionsServiceService.createCollection, Buffer.from(create), metadata);
  expect(created.message).toBe('OK');
  const vector = Array.from({ length: dimension }, (_, at) => at + 1);
  for (let first = 0; first < 2_400; first += 600) {
    const points = Array.from({ length: 600 }, (_, at) => pointBytes(first + at, vector));
    const stored = await raw.call(PointsServiceService.upsertPoints, streamMessage(points, 'docs'), metadata);
    expect(stored.message).toBe('OK');
  }

  const client = new Client(gateway.address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
  });
  const same = (bytes: Buffer): Buffer => bytes;
  const { path } = PointsServiceService.exportPoints;
  const call = client.makeServerStreamRequest(path, same, same, lengthField(1, 'docs'), metadata);
  const failed = new Promise<ServiceError>((resolve) => call.on('error', resolve));
  await new Promise<void>((resolve) => {
    call.once('data', () => {
      call.pause();
      resolve();
    });
  });
  const revokedAtMs = Date.now();
  writeFileSync(file, keyFileText([]));
  const line = (): string | undefined =>
    gateway.logLines.find((each) => each.includes('PointsService/ExportPoints'));
  await eventually('the call is logged', () => line() !== undefined, 10_000);
  expect(Date.now() - revokedAtMs).toBeLessThan(5_000);
  expect(JSON.parse(line() ?? '{}')).toMatchObject({ reason: 'CREDENTIAL_INVALID', principal: 'exporter' });
  call.resume();
  expect([1, 16]).toContain((await failed).code);
  client.close();
  raw.close();
  await gateway.close();
  rmSync(folder, { recursive: true });
});
