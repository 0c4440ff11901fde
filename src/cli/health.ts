import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { type Config, type Flags, joinAddress, readConfig } from '../config/index.js';
import { HealthClient, HealthCheckResponse_ServingStatus as Status } from '../gen/grpc/health/v1/health.js';
import { cleanText } from '../observe/index.js';
import { type CliIo, ExitCode } from './cli-io.js';

export interface HealthOptions {
  readonly address?: string;
  readonly timeoutMs: string;
}

/** Asks grpc.health.v1 of a gateway, prints one word. Without --address it asks the gateway of this configuration. */
export async function checkHealth(io: CliIo, flags: Flags, options: HealthOptions): Promise<ExitCode> {
  const timeoutMs = Number(options.timeoutMs);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 600_000) {
    io.err(
      `--timeout-ms: got ${JSON.stringify(options.timeoutMs)}, allowed: a whole number from 1 to 600000\n`,
    );
    return ExitCode.USAGE;
  }
  const config = readConfig(io.env, flags);
  const address = options.address ?? localAddress(config);
  // It has no certificate that the gateway asks callers for.
  const byHttp = options.address === undefined && config.tls?.requiresClientCert === true;
  const { status, problem } = byHttp
    ? await askByHttp(config, timeoutMs)
    : await ask(address, credentialsFor(config), timeoutMs);
  if (problem === undefined) {
    io.out(`${Status[status]}\n`);
  } else {
    io.err(`${address}: ${cleanText(problem, 200)}\n`);
  }
  return status === Status.SERVING ? ExitCode.OK : ExitCode.FAILED;
}

/** Where a process on the same machine reaches the configured gateway. */
function localAddress(config: Pick<Config, 'host' | 'port'>): string {
  const anywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  return joinAddress(anywhere[config.host] ?? config.host, config.port);
}

function credentialsFor(config: Config): ChannelCredentials {
  if (config.tls === undefined) return credentials.createInsecure();
  // Its certificate is made out to its public name, not to loopback; nothing secret is sent to it.
  return credentials.createSsl(null, null, null, { rejectUnauthorized: false });
}

/** Asks /healthz, beside the metrics: there nobody shows a certificate. */
async function askByHttp({ metrics }: Config, timeoutMs: number): Promise<Answer> {
  if (metrics === undefined) {
    const problem =
      'callers must show a certificate, and without METRICS_PORT there is no /healthz to ask instead';
    return { status: Status.UNKNOWN, problem };
  }
  const url = `http://${localAddress(metrics)}/healthz`;
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return { status: ok ? Status.SERVING : Status.NOT_SERVING };
  } catch {
    return { status: Status.UNKNOWN, problem: `no gateway answers at ${url}` };
  }
}

interface Answer {
  readonly status: Status;
  readonly problem?: string;
}

function ask(address: string, channel: ChannelCredentials, timeoutMs: number): Promise<Answer> {
  const client = new HealthClient(address, channel, { 'grpc.enable_http_proxy': 0 });
  return new Promise((resolve) => {
    const deadline = Date.now() + timeoutMs;
    client.waitForReady(deadline, (notReady) => {
      if (notReady !== undefined) {
        client.close();
        resolve({ status: Status.UNKNOWN, problem: 'no gateway answers' });
        return;
      }
      // The generated method wants metadata before options: without it, it would take the options for metadata.
      const stub = client.makeUnaryRequest.bind(client);
      const { path, requestSerialize, responseDeserialize } = HealthClient.service.check;
      stub(path, requestSerialize, responseDeserialize, { service: '' }, { deadline }, (error, reply) => {
        client.close();
        resolve(
          error === null
            ? { status: reply?.status ?? Status.UNKNOWN }
            : { status: Status.UNKNOWN, problem: error.details },
        );
      });
    });
  });
}
