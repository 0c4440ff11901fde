import { isLoopback } from './addresses.js';
import type { QdrantEndpoint } from './config.js';

const QDRANT_GRPC_PORT = 6334;
const QDRANT_REST_PORT = 6333;
const MAX_NODES = 64;

export type ParsedUrls =
  | { readonly endpoints: readonly QdrantEndpoint[]; readonly urls: readonly string[] }
  | { readonly problem: string };

/** Reads QDRANT_URL. `problem` says what is allowed instead; it holds nothing of the value. */
export function parseQdrantUrls(value: string): ParsedUrls {
  const parts = value.split(',').map((part) => part.trim());
  if (parts.length > MAX_NODES) return { problem: `at most ${MAX_NODES} nodes` };
  const endpoints: QdrantEndpoint[] = [];
  for (const part of parts) {
    const endpoint = parseOne(part);
    if (typeof endpoint === 'string') return { problem: endpoint };
    endpoints.push(endpoint);
  }
  const urls = endpoints.map((endpoint) => `${endpoint.tls ? 'https' : 'http'}://${endpoint.address}`);
  return { endpoints, urls };
}

function parseOne(text: string): QdrantEndpoint | string {
  const shape = /^(https?):\/\/([^/?#@]*@)?(\[[0-9a-f:.%]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?(\/)?$/i.exec(text);
  if (shape === null) return 'http://host:6334 or https://host:6334, without a path or a query';
  const [, scheme = '', userInfo, host = '', portText] = shape;
  if (userInfo !== undefined) return 'a URL without user and password; the key goes into QDRANT_API_KEY';
  const port = portText === undefined ? QDRANT_GRPC_PORT : Number(portText);
  if (port === QDRANT_REST_PORT) return `a gRPC port: ${port} is the REST port, gRPC is ${QDRANT_GRPC_PORT}`;
  if (port < 1 || port > 65535) return 'a port from 1 to 65535';
  return { address: `${host}:${port}`, tls: scheme.toLowerCase() === 'https' };
}

/** The value of QDRANT_URL as it may be shown: whatever could be a credential is hidden. */
export function hideUrlSecrets(value: string): string {
  return value.replace(/\/\/[^/?#,]*@/g, '//***@').replace(/[?#][^,]*/g, '?***');
}

/** Whether a key would travel in the clear over a network. */
export function isExposed(endpoint: QdrantEndpoint): boolean {
  return !endpoint.tls && !isLoopback(endpoint.address.replace(/:\d+$/, ''));
}
