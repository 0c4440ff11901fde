import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isLoopback } from './addresses.js';
import type { ConfigProblem } from './config-error.js';
import { asksForIdentity, checkIdentity } from './identity.js';
import { type Parsed, problemOf } from './parse.js';
import { settings, type Variable, variables } from './settings.js';

/** Checks that need more than one value, or the disk. */
export function checkTogether(parsed: Parsed): ConfigProblem[] {
  return [
    ...checkPair(parsed, 'TLS_CERT_FILE', 'TLS_KEY_FILE'),
    ...checkPair(parsed, 'QDRANT_CERT_FILE', 'QDRANT_KEY_FILE'),
    ...checkLonely(parsed),
    ...checkBackendChoice(parsed),
    ...checkExposure(parsed),
    ...checkIdentity(parsed),
    ...checkSecondLock(parsed),
    ...checkPorts(parsed),
    ...checkFiles(parsed),
    ...checkOrder(parsed),
  ];
}

function checkPair(parsed: Parsed, cert: Variable, key: Variable): ConfigProblem[] {
  if (parsed.given.has(cert) === parsed.given.has(key)) return [];
  const [missing, present] = parsed.given.has(cert) ? [key, cert] : [cert, key];
  return [problemOf(parsed, missing, `the file that belongs to ${present}; they come together`)];
}

/** A key or a certificate for Qdrant without its address is most likely a misspelt address. */
function checkLonely(parsed: Parsed): ConfigProblem[] {
  if (parsed.given.has('QDRANT_URL')) return [];
  return variables
    .filter((variable) => variable.startsWith('QDRANT_') && parsed.given.has(variable))
    .map((variable) => problemOf(parsed, variable, 'nothing, as long as QDRANT_URL is not set'));
}

function checkBackendChoice(parsed: Parsed): ConfigProblem[] {
  const { BACKEND: backend, HOST: host } = parsed.values;
  const hasUrl = parsed.given.has('QDRANT_URL');
  if (backend === 'embedded' && hasUrl) {
    return [problemOf(parsed, 'BACKEND', 'qdrant or auto while QDRANT_URL is set')];
  }
  if (backend === 'qdrant' && !hasUrl) return [problemOf(parsed, 'QDRANT_URL', settings.QDRANT_URL.allowed)];
  if (backend === 'auto' && !hasUrl && !isLoopback(host)) {
    const allowed =
      'embedded, said explicitly, when the gateway listens beyond this machine ' +
      '(set QDRANT_URL to use Qdrant, or BACKEND=embedded to keep the data in DATA_DIR)';
    return [problemOf(parsed, 'BACKEND', allowed)];
  }
  return [];
}

function checkExposure(parsed: Parsed): ConfigProblem[] {
  const { HOST: host, INSECURE_NO_AUTH: insecure } = parsed.values;
  if (isLoopback(host) || asksForIdentity(parsed.values) || insecure) return [];
  const allowed =
    'a loopback address such as 127.0.0.1 as long as no API keys are set. To listen beyond this machine set ' +
    'API_KEYS_FILE (make keys with "vector-gateway keys create"), or use tokens (JWT_*) or client certificates ' +
    '(CLIENT_CERTS_FILE), or pass --insecure-no-auth to serve every tenant to whoever can connect';
  return [problemOf(parsed, 'HOST', allowed)];
}

function checkSecondLock(parsed: Parsed): ConfigProblem[] {
  const { QDRANT_JWT_RBAC: rbac, QDRANT_API_KEY: key } = parsed.values;
  if (rbac === 'off' || key !== undefined) return [];
  return [problemOf(parsed, 'QDRANT_JWT_RBAC', 'off, without QDRANT_API_KEY: tokens are signed with it')];
}

function checkPorts({ values, given }: Parsed): ConfigProblem[] {
  const { HOST: host, PORT: port, METRICS_HOST: metricsHost, METRICS_PORT: metricsPort } = values;
  if (port === 0 || Number(metricsPort) !== port || host !== metricsHost) return [];
  const display = given.get('METRICS_PORT')?.display ?? metricsPort;
  return [{ variable: 'METRICS_PORT', value: display, allowed: 'another port than PORT' }];
}

const fileVariables = variables.filter((variable) => variable.endsWith('_FILE'));

function checkFiles(parsed: Parsed): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const variable of fileVariables) {
    const path = parsed.values[variable];
    if (typeof path !== 'string') continue;
    const fault = fileFault(path);
    if (fault !== undefined)
      problems.push(problemOf(parsed, variable, `${settings[variable].allowed} (${fault})`));
  }
  if (problems.length > 0) return problems;
  return [
    ...checkKeyPair(parsed, 'TLS_CERT_FILE', 'TLS_KEY_FILE'),
    ...checkKeyPair(parsed, 'QDRANT_CERT_FILE', 'QDRANT_KEY_FILE'),
  ];
}

const MAX_FILE_BYTES = 16 * 1024 * 1024;

function fileFault(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    const stat = statSync(path);
    if (!stat.isFile()) return 'it is not a file';
    return stat.size > MAX_FILE_BYTES ? 'it is larger than 16 MiB' : undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code === 'EACCES' ? 'it may not be read by this user' : 'it does not exist';
  }
}

/** A certificate with another's key would only show when the first caller connects. */
function checkKeyPair(parsed: Parsed, certVariable: Variable, keyVariable: Variable): ConfigProblem[] {
  const [cert, key] = [parsed.values[certVariable], parsed.values[keyVariable]];
  if (typeof cert !== 'string' || typeof key !== 'string') return [];
  try {
    createSecureContext({ cert: readFileSync(cert), key: readFileSync(key) });
    return [];
  } catch {
    return [
      problemOf(parsed, keyVariable, `the unencrypted PEM key of the PEM certificate in ${certVariable}`),
    ];
  }
}

function checkOrder(parsed: Parsed): ConfigProblem[] {
  const { values } = parsed;
  const pairs: readonly (readonly [smaller: Variable, larger: Variable])[] = [
    ['MAX_MESSAGE_BYTES', 'MAX_PROCESS_BYTES'],
    ['MAX_STREAM_BYTES', 'MAX_PROCESS_BYTES'],
    ['MAX_METADATA_BYTES', 'MAX_MESSAGE_BYTES'],
    ['RETRY_BASE_DELAY_MS', 'RETRY_MAX_DELAY_MS'],
  ];
  return pairs
    .filter(([smaller, larger]) => Number(values[smaller]) > Number(values[larger]))
    .map(([smaller, larger]) => {
      const given = parsed.given.has(smaller) ? smaller : larger;
      const [relation, other] = given === smaller ? ['at most', larger] : ['at least', smaller];
      return problemOf(parsed, given, `${relation} the value of ${other}`);
    });
}
