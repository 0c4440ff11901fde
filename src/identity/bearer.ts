import { GatewayError } from '../errors/index.js';

/**
 * The bearer credential in all values of the metadata `authorization`; undefined when there is none. Throws
 * CREDENTIAL_INVALID; the texts never hold what the caller sent.
 */
export function readBearer(values: readonly (string | Buffer)[]): string | undefined {
  const value = values[0];
  if (value === undefined || (values.length === 1 && value.length === 0)) return undefined;
  if (values.length > 1 || typeof value !== 'string') {
    throw invalid('must be given once, as text');
  }
  // Metadata is one byte a character; anything else fails the pattern below.
  if (value.length > maxAuthorizationBytes) throw invalid(`has more than ${maxAuthorizationBytes} bytes`);
  // No comma in a key: two headers joined on the way ("Bearer a, Bearer b") must not pass for one.
  const bearer = /^bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(value)?.[1];
  if (bearer === undefined) throw invalid(`must be one "Bearer KEY" ${hint}`);
  return bearer;
}

/** The error of a call without a credential; `values` as readBearer() had them. */
export function credentialMissing(values: readonly (string | Buffer)[]): GatewayError {
  const state = values[0] === undefined ? 'is missing' : 'is empty';
  return new GatewayError('CREDENTIAL_MISSING', `metadata "authorization" ${state} ${hint}`);
}

function invalid(problem: string): GatewayError {
  return new GatewayError('CREDENTIAL_INVALID', `metadata "authorization" ${problem}`);
}

// Tokens with many claims; MAX_METADATA_BYTES bounds them too.
const maxAuthorizationBytes = 8192;
const hint = "(grpcurl: -H 'authorization: Bearer KEY')";
