// Stores points, finds them again and deletes them: node examples/client/quickstart.mjs [host:port] [tenant]
import { createClient, filters, VectorGatewayError } from 'vector-gateway/client';

const [address = '127.0.0.1:50051', tenant = '42'] = process.argv.slice(2);
const client = createClient({ address, tenant });
const { match } = filters;

await client.collections.create('quickstart', { vectorSize: 4, ifNotExists: true });
const points = client.points('quickstart');

// As many as the source has: a file, a database cursor, a queue.
async function* articles() {
  for (let id = 1; id <= 1000; id += 1) {
    const vector = Float32Array.of(Math.cos(id), Math.sin(id), 1, 0);
    yield { id, vector, payload: { title: `Article ${id}`, lang: id % 2 === 0 ? 'de' : 'en' } };
  }
}
const stored = await points.upsertAll(articles(), {
  onRejected: ({ index, reason, message }) => console.error(`point ${index} refused: ${reason}: ${message}`),
});
console.log(`received ${stored.received}, stored ${stored.upserted}, rejected ${stored.rejected}`);

const found = await points.search(Float32Array.of(1, 0, 1, 0), {
  limit: 3,
  filter: { must: [match('lang', 'de')] },
  signal: AbortSignal.timeout(5000),
});
for (const { id, score, payload } of found) console.log(`${score.toFixed(4)}  ${id}  ${payload.title}`);

try {
  await points.search(Float32Array.of(1, 0));
} catch (error) {
  if (!(error instanceof VectorGatewayError)) throw error;
  console.log(`${error.reason}: ${error.violations[0]?.field}`);
}

await client.collections.delete('quickstart');
client.close();
