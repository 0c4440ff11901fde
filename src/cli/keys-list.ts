import { readFile } from 'node:fs/promises';
import type { Flags } from '../config/index.js';
import { IdentityFileError, isInForce, type KnownKey, loadKeyring } from '../identity/index.js';
import { type CliIo, ExitCode } from './cli-io.js';
import { keysFileOf } from './keys-file.js';

/** Prints what is in the file, without hashes: a table, or one JSON object a line. */
export async function listKeys(
  io: CliIo,
  flags: Flags,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const path = keysFileOf(io, flags);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new IdentityFileError(`${path}: the file cannot be read (${code})`);
  });
  const shown = loadKeyring(text, path).keys.map((key) => describe(key, Date.now()));
  if (options.json === true) for (const key of shown) io.out(`${JSON.stringify(key)}\n`);
  else io.out(table(shown));
  return ExitCode.OK;
}

interface ShownKey {
  readonly id: string | undefined;
  readonly name: string;
  readonly tenants: readonly string[] | '*';
  readonly scopes: readonly string[];
  readonly state: 'active' | 'expired' | 'revoked';
  readonly created: string | undefined;
  readonly expires: string | undefined;
  readonly revoked: string | undefined;
}

function describe(key: KnownKey, nowMs: number): ShownKey {
  const { principal, createdAtMs, revokedAtMs } = key;
  const lapsed = revokedAtMs === undefined ? 'expired' : 'revoked';
  return {
    id: key.id,
    name: principal.name,
    tenants: principal.tenants === '*' ? '*' : [...principal.tenants],
    scopes: [...principal.scopes],
    state: isInForce(key, nowMs) ? 'active' : lapsed,
    created: timeText(createdAtMs),
    expires: timeText(principal.expiresAtMs),
    revoked: timeText(revokedAtMs),
  };
}

function timeText(atMs: number | undefined): string | undefined {
  return atMs === undefined || !Number.isFinite(atMs) ? undefined : new Date(atMs).toISOString();
}

function table(keys: readonly ShownKey[]): string {
  const rows = keys.map(({ id, name, tenants, scopes, state, created, expires }) => [
    id ?? '-',
    name,
    state,
    tenants === '*' ? '*' : listText(tenants),
    scopes.join(','),
    minuteText(created),
    minuteText(expires),
  ]);
  const all = [['ID', 'NAME', 'STATE', 'TENANTS', 'SCOPES', 'CREATED', 'EXPIRES'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function listText(items: readonly string[]): string {
  const few = items.slice(0, 5).join(',');
  return items.length > 5 ? `${few} and ${items.length - 5} more` : few;
}

function minuteText(time: string | undefined): string {
  return time === undefined ? '-' : `${time.slice(0, 16)}Z`;
}
