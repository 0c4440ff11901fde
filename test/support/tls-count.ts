import { readFileSync } from 'node:fs';
import { credentials } from '@grpc/grpc-js';
import { CountPointsRequest, PointsServiceClient } from '../../src/gen/vectorgateway/v1/points_service.js';
import { asTenant } from './clients.js';

/** Counts points through TLS that trusts `caFile`; resolves to the gRPC code, 0 when it was answered. */
export function countThroughTls(
  address: string,
  caFile: string,
  tenant: string,
  key: string | undefined,
): Promise<number> {
  const channel = credentials.createSsl(readFileSync(caFile));
  const client = new PointsServiceClient(address, channel, { 'grpc.enable_http_proxy': 0 });
  const metadata = asTenant(tenant);
  if (key !== undefined) metadata.set('authorization', `Bearer ${key}`);
  const request = CountPointsRequest.fromPartial({ collection: 'docs' });
  return new Promise((resolve) => {
    client.countPoints(request, metadata, { deadline: Date.now() + 5_000 }, (error) => {
      client.close();
      resolve(error?.code ?? 0);
    });
  });
}
