import { status } from '@grpc/grpc-js';
import { GatewayError } from '../errors/index.js';
import { cleanText } from '../observe/index.js';
import { AttemptError, type Failure } from './failure.js';

/** Where a HealthCheck was sent. */
export interface Place {
  readonly address: string;
  readonly tls: boolean;
}

/** One line for the operator: why a node of the backend cannot be used, and what to look at. */
export function diagnose(failure: Failure, place: Place): GatewayError {
  const cause = new AttemptError(failure);
  switch (failure.kind) {
    case 'answered':
      return answeredDiagnosis(failure.code, failure.text, place, cause);
    case 'timeout':
      return unusable(timeoutText(failure.text, place), cause);
    case 'transport':
      return unusable(transportText(failure.text, place), cause);
    case 'aborted':
      return failure.reason;
    case 'reply-too-large':
      return unusable(`${place.address} is no Qdrant: its answer to a HealthCheck is too large`, cause);
  }
}

function unusable(text: string, cause: unknown): GatewayError {
  return new GatewayError('BACKEND_UNAVAILABLE', text, { cause });
}

function answeredDiagnosis(
  code: number,
  text: string,
  { address, tls }: Place,
  cause: AttemptError,
): GatewayError {
  if (code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED) {
    const wrong = `${address} refuses the key: QDRANT_API_KEY is missing or wrong`;
    return new GatewayError('BACKEND_REFUSED_CREDENTIALS', wrong, { cause });
  }
  if (code === status.UNIMPLEMENTED) {
    return unusable(`${address} speaks gRPC but is no Qdrant (it has no HealthCheck)`, cause);
  }
  const how = tls ? 'over TLS' : 'without TLS';
  return unusable(`${address} answers ${how}, but with ${status[code]}: ${cleanText(text, 200)}`, cause);
}

function timeoutText(text: string, { address, tls }: Place): string {
  if (!/Waiting for LB pick|the deadline passed/.test(text))
    return `${address} is connected but does not answer`;
  const hint = tls ? '' : '; if it expects TLS, use https://';
  return `${address} does not answer: no connection in time (unreachable host, firewall, or a stopped process${hint})`;
}

// Texts of Node and OpenSSL, which grpc-js passes on in its own.
const known: readonly { readonly pattern: RegExp; readonly text: (place: Place) => string }[] = [
  {
    pattern: /Name resolution failed|ENOTFOUND|EAI_AGAIN/,
    text: ({ address }) => `the host name of ${address} cannot be resolved: is QDRANT_URL right?`,
  },
  {
    pattern: /ECONNREFUSED|ENOENT/,
    text: ({ address }) => `nothing listens at ${address} (connection refused)`,
  },
  {
    pattern: /EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/,
    text: ({ address }) => `${address} cannot be reached: no route to the host, or a firewall`,
  },
  {
    pattern: /wrong version number|packet length too long|EPROTO|tlsv1 alert protocol|unknown protocol/i,
    text: ({ address }) => `${address} does not speak TLS at this port: use http:// in QDRANT_URL`,
  },
  {
    pattern: /self.signed|unable to (verify|get)|UNABLE_TO|unknown ca/i,
    text: ({ address }) =>
      `the certificate of ${address} is not trusted (self-signed, or of an unknown authority): QDRANT_CA_FILE names what to trust`,
  },
  {
    pattern: /certificate has expired|not yet valid/i,
    text: ({ address }) =>
      `the certificate of ${address} is not valid now: it has expired, or the clock is wrong`,
  },
  {
    pattern: /does not match certificate|altname/i,
    text: ({ address }) => `the certificate of ${address} is for another host name`,
  },
  {
    pattern: /certificate required|handshake failure|bad certificate/i,
    text: ({ address }) =>
      `${address} asks for a client certificate that it trusts (QDRANT_CERT_FILE, QDRANT_KEY_FILE)`,
  },
  {
    pattern: /HTTP status code|Protocol error|Parse Error/i,
    text: ({ address }) => `${address} speaks HTTP but not gRPC: is this the REST port? gRPC is 6334`,
  },
];

function transportText(text: string, place: Place): string {
  const match = known.find(({ pattern }) => pattern.test(text));
  if (match !== undefined) return match.text(place);
  const hint = place.tls ? '' : ' (a server that expects TLS does that: use https://)';
  return `${place.address} closed the connection before it answered${hint}`;
}
