import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';

/** On what the figures were had. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Load average over a minute when the run began: above zero, others were at work. */
  readonly load: number;
  readonly node: string;
  /** Of the packages that carry the calls. */
  readonly packages: Readonly<Record<string, string>>;
  readonly gateway: string;
}

const measured = ['@grpc/grpc-js', '@qdrant/js-client-grpc', '@connectrpc/connect-node'];

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    node: process.version,
    packages: Object.fromEntries(
      measured.map((name) => [name, versionIn(`node_modules/${name}/package.json`)]),
    ),
    gateway: versionIn('package.json'),
  };
}

function versionIn(file: string): string {
  const { version }: { version?: string } = JSON.parse(readFileSync(file, 'utf8'));
  return version ?? 'unknown';
}
