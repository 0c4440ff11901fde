import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient, type StoredPoint } from '../../src/client/index.js';
import { type CliResult, runCli } from './cli-process.js';
import { startTestGateway } from './gateway.js';

/** A gateway, a client of its tenant 42, and a folder for the files of a test. */
export interface DataGround {
  readonly address: string;
  readonly client: Client;
  readonly folder: string;
  /** Path of a file in the folder. */
  path(name: string): string;
  /** Writes a file into the folder; returns its path. */
  file(name: string, content: string | Uint8Array): string;
  /** Runs a data command as tenant 42. */
  cli(args: readonly string[], stdin?: string): Promise<CliResult>;
  /** All points of a collection, in the order of their ids. */
  stored(collection: string): Promise<StoredPoint[]>;
  close(): Promise<void>;
}

export async function startDataGround(): Promise<DataGround> {
  const gateway = await startTestGateway();
  const client = createClient({ address: gateway.address, tenant: '42' });
  const folder = mkdtempSync(join(tmpdir(), 'vector-gateway-cli-data-'));
  const path = (name: string): string => join(folder, name);
  return {
    address: gateway.address,
    client,
    folder,
    path,
    file: (name, content) => {
      writeFileSync(path(name), content);
      return path(name);
    },
    cli: (args, stdin) => runCli(args, environmentOf(gateway.address), stdin),
    stored: async (collection) => {
      const points: StoredPoint[] = [];
      for await (const point of client.points(collection).scroll({ withVector: true })) points.push(point);
      return points;
    },
    close: async () => {
      client.close();
      await gateway.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function environmentOf(address: string): Record<string, string> {
  return { VECTOR_GATEWAY_ADDRESS: address, VECTOR_GATEWAY_TENANT: '42' };
}

/** The objects of a JSONL text. */
export function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
