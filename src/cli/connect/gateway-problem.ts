import { Code, VectorGatewayError } from '../../client/index.js';
import { cleanText } from '../../observe/index.js';
import { type ConnectionFlags, variables } from './connection-flags.js';

const hints: Readonly<Record<string, string>> = {
  CREDENTIAL_MISSING: `put an API key into ${variables.apiKey}`,
  CREDENTIAL_INVALID: `the gateway does not know the API key in ${variables.apiKey}`,
  TENANT_FORBIDDEN: `the API key in ${variables.apiKey} is not for this tenant; see --tenant`,
  SCOPE_FORBIDDEN: `the API key in ${variables.apiKey} does not allow this; it takes another scope`,
  TENANT_ID_MISSING: 'the gateway looks for the tenant in another header; see --tenant-header',
  COLLECTION_ALREADY_EXISTS: '"collections get" shows it',
};

/** One line that says what is wrong and what to do. */
export function gatewayProblem(error: VectorGatewayError, flags: ConnectionFlags, hint?: string): string {
  // What grpc-js puts around the fault of a connection says nothing more.
  const bare = error.message.replace(/^No connection established\. Last error: (?:Error: )?/, '');
  const message = cleanText(bare.replace(/\.? Resolution note: .*$/s, '').trim(), 500);
  const help = hint ?? (error.reason === undefined ? transportHint(error, flags) : hints[error.reason]);
  const unsure =
    error.indeterminate && error.reason !== undefined ? ' (it may have been done all the same)' : '';
  const what = error.reason === undefined ? message : `${error.reason}: ${message}`;
  return `${what}${unsure}${help === undefined ? '' : `; ${help}`}`;
}

function transportHint({ code, message }: VectorGatewayError, { address, tls, ca }: ConnectionFlags): string {
  if (code === Code.UNAVAILABLE && /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH/.test(message)) {
    return `is a gateway running at ${address}? See --address`;
  }
  if (/certificate|self.signed/i.test(message)) return '--ca names a file with the certificates to trust';
  if (code === Code.DEADLINE_EXCEEDED) return `nothing answers at ${address} in time; see --address`;
  const isTls = tls === true || ca !== undefined;
  return isTls
    ? `does ${address} speak TLS?`
    : `does ${address} speak gRPC, and without TLS? See --address and --tls`;
}

export function isGatewayError(error: unknown): error is VectorGatewayError {
  return error instanceof VectorGatewayError;
}
