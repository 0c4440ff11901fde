// The gateway in one minute: `npm run demo`. Needs nothing but this checkout; leaves nothing behind.
import { connect } from '../lib/client.mjs';
import { startGateway } from '../lib/gateway-process.mjs';
import { packageMessages, readPackageCount, readQueries } from './packages.mjs';
import { heading, hits, progress, say } from './print.mjs';

const collection = 'packages';

// Queries of examples/data/queries.json, and the section to ask for a second time.
const shown = [
  ['full text search engine', 'database'],
  ['tool to monitor network traffic', 'net'],
  ['command line json processor', 'utils'],
  ['genome sequence alignment', 'science'],
];

async function ingest(client) {
  heading('Tenant 42 creates a collection and streams package descriptions into it');
  const created = await client.createCollection({ collection, vector_size: 256 });
  say(
    `created "${created.collection.collection}": ${created.collection.vector_size} dimensions, ${created.collection.distance}`,
  );
  const total = await readPackageCount();
  const bar = progress(total);
  const startedAtMs = performance.now();
  const summary = await client.streamUpsert(packageMessages(collection, bar.add));
  bar.end();
  const seconds = (performance.now() - startedAtMs) / 1000;
  say(
    `received ${summary.received}, stored ${summary.upserted}, rejected ${summary.rejected} in ${summary.batches} batches; ` +
      `${Math.round(Number(summary.upserted) / seconds)} points/s, reading and parsing included`,
  );
}

async function search(client) {
  heading('Tenant 42 searches, without and with a filter on "section"');
  const queries = await readQueries();
  for (const [text, section] of shown) {
    const query = queries.find((candidate) => candidate.text === text);
    const request = { collection, vector: query.vector, limit: 3, with_payload: { as_struct: true } };
    say(`\n"${text}"`);
    hits((await client.searchPoints(request)).results);
    const filter = { must: [{ field: { key: 'section', match: { keyword: section } } }] };
    say(`"${text}", only section ${section}`);
    hits((await client.searchPoints({ ...request, filter })).results);
  }
}

async function look(stranger) {
  heading('Tenant 7 looks around on the same gateway');
  const { collections } = await stranger.listCollections({});
  const names = collections.map((each) => each.collection);
  say(`its collections: ${names.join(', ') || 'none'}`);
  try {
    const { result } = await stranger.countPoints({ collection });
    throw new Error(`tenant 7 can count ${result.count} points of tenant 42: please report this`);
  } catch (error) {
    if (error.code === undefined) throw error;
    say(`counting points in "${collection}": ${error.message}`);
  }
}

async function main() {
  const gateway = await startGateway();
  say(`gateway on ${gateway.address}, embedded store in a temporary folder`);
  const tenant42 = connect(gateway.address, '42');
  const tenant7 = connect(gateway.address, '7');
  try {
    await ingest(tenant42);
    await search(tenant42);
    await look(tenant7);
  } finally {
    tenant42.close();
    tenant7.close();
    const code = await gateway.stop();
    say(`\ngateway stopped with exit code ${code}, temporary folder removed`);
  }
}

main().catch((error) => {
  process.stderr.write(`demo failed: ${error.stack ?? error}\n`);
  process.exitCode = 1;
});
