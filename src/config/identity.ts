import { isLoopback } from './addresses.js';
import type { TokenConfig } from './config.js';
import type { ConfigProblem } from './config-error.js';
import { type Parsed, problemOf } from './parse.js';
import type { Values, Variable } from './settings.js';

const keyVariables = [
  'JWT_JWKS_FILE',
  'JWT_JWKS_URL',
  'JWT_SECRET_FILE',
] as const satisfies readonly Variable[];

/** Variables that make callers prove who they are. */
export const identityVariables = ['API_KEYS_FILE', ...keyVariables, 'CLIENT_CERTS_FILE'] as const;

export function asksForIdentity(values: Values): boolean {
  return identityVariables.some((variable) => values[variable] !== undefined);
}

/** What the settings of identity must be together. */
export function checkIdentity(parsed: Parsed): ConfigProblem[] {
  return [...checkTokens(parsed), ...checkCertificates(parsed)];
}

function checkTokens(parsed: Parsed): ConfigProblem[] {
  const { values, given } = parsed;
  const sources = keyVariables.filter((variable) => given.has(variable));
  const [first, second] = sources;
  if (first === undefined) {
    const lonely = (['JWT_ISSUER', 'JWT_AUDIENCE'] as const).filter((variable) => given.has(variable));
    return lonely.map((variable) =>
      problemOf(parsed, variable, `nothing, without ${keyVariables.join(', ')}`),
    );
  }
  if (second !== undefined) return [problemOf(parsed, second, `nothing, while ${first} is set: one of them`)];
  const problems: ConfigProblem[] = [];
  // A token that was made for another service, or by somebody else with keys in the same set, must not pass here.
  for (const variable of ['JWT_ISSUER', 'JWT_AUDIENCE'] as const) {
    if (values[variable] === undefined)
      problems.push(problemOf(parsed, variable, `a value, while ${first} is set`));
  }
  if (values.JWT_JWKS_URL !== undefined && !isSafeUrl(values.JWT_JWKS_URL)) {
    problems.push(
      problemOf(
        parsed,
        'JWT_JWKS_URL',
        'an https:// URL without user and password, or http:// to this machine',
      ),
    );
  }
  return problems;
}

/** Whoever can change the keys on their way can be anybody. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function checkCertificates(parsed: Parsed): ConfigProblem[] {
  const { given } = parsed;
  const needs = (variable: Variable, other: Variable): ConfigProblem[] =>
    given.has(variable) && !given.has(other)
      ? [problemOf(parsed, variable, `nothing, without ${other}`)]
      : [];
  return [
    ...needs('CLIENT_CERTS_FILE', 'TLS_CLIENT_CA_FILE'),
    ...needs('TLS_CLIENT_CERT', 'TLS_CLIENT_CA_FILE'),
    ...needs('TLS_CLIENT_CA_FILE', 'TLS_CERT_FILE'),
  ];
}

export function readTokens(values: Values): TokenConfig | undefined {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = values;
  const keys = readKeys(values);
  if (keys === undefined || issuer === undefined || audience === undefined) return undefined;
  return {
    keys,
    issuer,
    audience,
    tenantsClaim: values.JWT_TENANTS_CLAIM,
    scopesClaim: values.JWT_SCOPES_CLAIM,
    clockToleranceMs: values.JWT_CLOCK_TOLERANCE_MS,
    maxLifetimeMs: values.JWT_MAX_LIFETIME_MS,
  };
}

function readKeys(values: Values): TokenConfig['keys'] | undefined {
  const { JWT_JWKS_FILE: setFile, JWT_JWKS_URL: url, JWT_SECRET_FILE: secretFile } = values;
  if (setFile !== undefined) return { kind: 'set-file', file: setFile };
  if (url !== undefined) return { kind: 'set-url', url, refreshMs: values.JWT_JWKS_REFRESH_MS };
  return secretFile === undefined ? undefined : { kind: 'secret-file', file: secretFile };
}
