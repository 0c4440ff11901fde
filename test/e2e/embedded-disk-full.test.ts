import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedProcess, startEmbeddedProcess } from '../support/embedded-process.js';
import { JsonTenant } from '../support/json-tenant.js';

let dataDir: string;
let gateway: EmbeddedProcess;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'embedded-full-'));
});
afterEach(async () => {
  await gateway.kill();
  await rm(dataDir, { recursive: true, force: true });
});

test('on a full disk writes are refused while reads go on, and later writes work again', async () => {
  // Files that may not grow beyond some MiB (the unit is the shell's) stand in for the disk.
  const below = ['sh', '-c', 'ulimit -f 8192 && exec "$0" "$@"'];
  gateway = await startEmbeddedProcess(dataDir, { below });
  const tenant = new JsonTenant(gateway.address, '42');
  await tenant.call('CreateCollection', { collection: 'docs', vector_size: 2 });
  const request = (id: number, length = 500_000) => ({
    collection: 'docs',
    points: [{ id: { num: id }, vector: [1, 2], payload_struct: { text: 'x'.repeat(length) } }],
  });
  let stored = 0;
  const fill = async () => {
    for (; ; stored++) await tenant.call('UpsertPoints', request(stored));
  };
  await expect(fill()).rejects.toThrow('the backend failed to answer the call');
  expect(stored).toBeGreaterThan(3);
  for (let attempt = 0; attempt < 20; attempt++) {
    expect(await tenant.failure('UpsertPoints', request(1_000))).toMatchObject({ reason: 'BACKEND_ERROR' });
  }
  // Refused writes have not opened the circuit, nor ended the store.
  const count = { result: { count: String(stored) } };
  expect(await tenant.call('CountPoints', { collection: 'docs' })).toMatchObject(count);
  expect(gateway.log.filter(({ msg }) => msg.includes('died'))).toEqual([]);
  const ids = [{ num: 0 }, { num: 1 }, { num: 2 }];
  await tenant.call('DeletePoints', { collection: 'docs', points: { points: { ids } } });
  // The place of what was deleted is free after one more write.
  await tenant.call('UpsertPoints', request(2_000, 10));
  await tenant.call('UpsertPoints', request(2_001));
  tenant.close();
});
