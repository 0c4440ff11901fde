import { basename } from 'node:path';
import type { Config, TokenConfig } from '../config/index.js';
import {
  type Authenticator,
  anonymousAuthenticator,
  FailedAttempts,
  type FileHooks,
  Identity,
  KeySetUrl,
  type KeySource,
  keysFromFile,
  LiveFile,
  loadCertificates,
  loadJose,
  loadKeyring,
  publicKeys,
  secretKeys,
  TokenVerifier,
} from '../identity/index.js';
import type { Logger } from '../observe/index.js';

type IdentityLog = Pick<Logger, 'info' | 'error'>;

export interface OpenedIdentity {
  readonly authenticator: Authenticator;
  /** The kinds of identity that are on, for people. */
  readonly kinds: readonly string[];
  close(): void;
}

/** Opens what callers are judged by, and follows it. Rejects with IdentityFileError when a file cannot be used. */
export async function openIdentity(config: Config, log: IdentityLog): Promise<OpenedIdentity> {
  const opened: { close(): void }[] = [];
  try {
    return await openAll(config, log, opened);
  } catch (error) {
    for (const part of opened) part.close();
    throw error;
  }
}

/** Opens it and closes it again; resolves to what was found, for people. Rejects with IdentityFileError. */
export async function checkIdentity(config: Config): Promise<string[]> {
  const problems: string[] = [];
  const log: IdentityLog = { info: () => undefined, error: (message) => problems.push(message) };
  const { kinds, close } = await openIdentity(config, log);
  close();
  return [...kinds.map((kind) => `identity: ${kind}`), ...problems];
}

async function openAll(
  config: Config,
  log: IdentityLog,
  opened: { close(): void }[],
): Promise<OpenedIdentity> {
  const { apiKeysFile, clientCertsFile, tokens: tokenConfig, authFailuresPerMinute } = config;
  const keep = <T extends { close(): void }>(part: T): T => {
    opened.push(part);
    return part;
  };
  const kinds: string[] = [];
  const openFile = async <T extends { readonly size: number }>(
    path: string,
    what: string,
    parse: (text: string, source: string) => T,
  ): Promise<LiveFile<T>> => {
    const hooks = hooksOf(log, path, () => ({ inForce: file.value.size }));
    const file = keep(await LiveFile.open(path, (text) => parse(text, path), hooks));
    kinds.push(`${file.value.size} ${what} (${basename(path)})`);
    return file;
  };
  const keys = apiKeysFile === undefined ? undefined : await openFile(apiKeysFile, 'API keys', loadKeyring);
  const certificates =
    clientCertsFile === undefined
      ? undefined
      : await openFile(clientCertsFile, 'client certificates', loadCertificates);
  const tokens = tokenConfig === undefined ? undefined : keep(await openTokens(tokenConfig, log, kinds));
  if (kinds.length === 0) return { authenticator: anonymousAuthenticator, kinds, close: () => undefined };
  const attempts =
    authFailuresPerMinute === 0 ? undefined : new FailedAttempts({ maxPerMinute: authFailuresPerMinute });
  const identity = new Identity({ keys, tokens, certificates, attempts });
  return { authenticator: identity, kinds, close: () => identity.close() };
}

async function openTokens(config: TokenConfig, log: IdentityLog, kinds: string[]): Promise<TokenVerifier> {
  const jose = await loadJose();
  const { keys } = config;
  const parseSet = (source: string) => (text: string) => publicKeys(jose, text, source);
  let source: KeySource;
  if (keys.kind === 'set-url') {
    const { onReload, onProblem } = hooksOf(log, keys.url, () => ({}));
    source = await KeySetUrl.open({ ...keys, parse: parseSet(keys.url), onReload, onProblem });
    kinds.push(`tokens (${keys.url})`);
  } else {
    const { file } = keys;
    const parse = keys.kind === 'set-file' ? parseSet(file) : (text: string) => secretKeys(text, file);
    source = await keysFromFile(
      file,
      parse,
      hooksOf(log, file, () => ({})),
    );
    kinds.push(`tokens (${source.keys?.description}, ${basename(file)})`);
  }
  return new TokenVerifier(jose, source, config);
}

/** The log lines of a file, or a URL, that is followed. */
function hooksOf(log: IdentityLog, source: string, facts: () => Record<string, unknown>): FollowHooks {
  return {
    onReload: () => log.info(`identity: ${source} is in force as it is now`, facts()),
    onProblem: (problem, hasOld = true) => {
      const old = 'what was read before stays in force, changes do not take effect';
      log.error(`identity: ${problem}; ${hasOld ? old : 'tokens cannot be verified'}`);
    },
  };
}

interface FollowHooks extends FileHooks {
  readonly onProblem: (problem: string, hasOld?: boolean) => void;
}
