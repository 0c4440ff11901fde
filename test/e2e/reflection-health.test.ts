import { fromBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { type ClientDuplexStream, credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromObject } from '@grpc/proto-loader';
import {
  HealthClient,
  HealthCheckResponse_ServingStatus as Serving,
} from '../../src/gen/grpc/health/v1/health.js';
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflectionClient as V1Client,
} from '../../src/gen/grpc/reflection/v1/reflection.js';
import { ServerReflectionClient as V1AlphaClient } from '../../src/gen/grpc/reflection/v1alpha/reflection.js';
import { CollectionsServiceService } from '../../src/gen/vectorgateway/v1/collections_service.js';
import { PointsServiceService } from '../../src/gen/vectorgateway/v1/points_service.js';
import type { Transport } from '../../src/transport/server.js';
import { startBareTransport } from '../support/bare-transport.js';

let transport: Transport;
beforeAll(async () => {
  transport = await startBareTransport();
});
afterAll(() => transport.forceStop());

type Question = ServerReflectionRequest['messageRequest'];
type Stream = ClientDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;

function ask(stream: Stream, question: Question): Promise<ServerReflectionResponse['messageResponse']> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.once('data', (response: ServerReflectionResponse) => {
      stream.removeListener('error', reject);
      resolve(response.messageResponse);
    });
    stream.write({ host: '', messageRequest: question });
  });
}

describe.each([
  ['v1', V1Client],
  ['v1alpha', V1AlphaClient],
] as const)('reflection %s', (_version, Client) => {
  let client: InstanceType<typeof Client>;
  let stream: Stream;
  beforeAll(() => {
    client = new Client(transport.address, credentials.createInsecure());
    stream = client.serverReflectionInfo();
  });
  afterAll(() => {
    stream.end();
    client.close();
  });

  it('lists every service, without a tenant', async () => {
    const answer = await ask(stream, { $case: 'listServices', value: '' });
    const names =
      answer?.$case === 'listServicesResponse' ? answer.value.service.map(({ name }) => name) : [];
    expect(names).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'qdrant.Qdrant',
      'vectorgateway.v1.CollectionsService',
      'vectorgateway.v1.PointsService',
    ]);
  });

  it('describes every RPC with all files that are needed to call it', async () => {
    for (const { path } of [
      ...Object.values(CollectionsServiceService),
      ...Object.values(PointsServiceService),
    ]) {
      const symbol = path.slice(1).replace('/', '.');
      const answer = await ask(stream, { $case: 'fileContainingSymbol', value: symbol });
      if (answer?.$case !== 'fileDescriptorResponse') throw new Error(`no file for ${symbol}`);
      const files = answer.value.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
      const names = new Set(files.map(({ name }) => name));
      for (const file of files) for (const dependency of file.dependency) expect(names).toContain(dependency);
    }
  });

  it('answers NOT_FOUND for what it does not know, and for what is internal', async () => {
    for (const symbol of [
      'nothing.Here',
      'wire.v1.PointView',
      'vectorgateway.v1.PointsService.Nothing',
      '',
    ]) {
      const answer = await ask(stream, { $case: 'fileContainingSymbol', value: symbol });
      expect(answer?.$case === 'errorResponse' && answer.value.errorCode).toBe(5);
    }
  });
});

it('a client built from reflection alone can call the gateway', async () => {
  const client = new V1Client(transport.address, credentials.createInsecure());
  const stream = client.serverReflectionInfo();
  const answer = await ask(stream, {
    $case: 'fileContainingSymbol',
    value: 'vectorgateway.v1.PointsService',
  });
  if (answer?.$case !== 'fileDescriptorResponse') throw new Error('no file');
  const file = answer.value.fileDescriptorProto.map((bytes) =>
    toJson(FileDescriptorProtoSchema, fromBinary(FileDescriptorProtoSchema, bytes)),
  );
  const loaded = loadPackageDefinition(
    loadFileDescriptorSetFromObject({ file } as Parameters<typeof loadFileDescriptorSetFromObject>[0]),
  );
  expect(Object.keys(loaded)).toContain('vectorgateway');
  stream.end();
  client.close();
});

describe('health', () => {
  const check = (client: HealthClient, service: string): Promise<number | Serving> =>
    new Promise((resolve) => {
      client.check({ service }, (error, reply) =>
        resolve(error === null ? reply.status : (`code ${error.code}` as never)),
      );
    });

  it('answers for each service and for the whole, without a tenant', async () => {
    const client = new HealthClient(transport.address, credentials.createInsecure());
    for (const service of ['', 'vectorgateway.v1.CollectionsService', 'vectorgateway.v1.PointsService']) {
      expect(await check(client, service)).toBe(Serving.SERVING);
    }
    expect(await check(client, 'nothing')).toBe('code 5');
    client.close();
  });
});
