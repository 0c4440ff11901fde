import { readFileSync } from 'node:fs';
import { type ChannelCredentials, Client, credentials, Metadata } from '@grpc/grpc-js';

/** A Qdrant that can be called without a gateway. */
export interface DirectTarget {
  /** "http://host:port" or "https://host:port". */
  readonly url: string;
  readonly apiKey: string | undefined;
}

// Replies and requests of any size: limits are not what is measured.
export const channelOptions = {
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
};

/** The node of QDRANT_URL, the first one of several; undefined when it is not set. */
export function directTarget(env: NodeJS.ProcessEnv): DirectTarget | undefined {
  const [first] = (env.QDRANT_URL ?? '').split(',').map((url) => url.trim());
  if (first === undefined || first === '') return undefined;
  const { protocol, hostname, port } = new URL(first);
  return { url: `${protocol}//${hostname}:${port || '6334'}`, apiKey: env.QDRANT_API_KEY };
}

export const addressOf = ({ url }: DirectTarget): string => new URL(url).host;

export function connectDirect(target: DirectTarget): Client {
  return new Client(addressOf(target), credentialsOf(target), channelOptions);
}

export function metadataOf({ apiKey }: DirectTarget): Metadata {
  const metadata = new Metadata();
  if (apiKey !== undefined) metadata.set('api-key', apiKey);
  return metadata;
}

function credentialsOf({ url }: DirectTarget): ChannelCredentials {
  if (!url.startsWith('https:')) return credentials.createInsecure();
  const file = process.env.QDRANT_CA_FILE;
  return credentials.createSsl(file === undefined ? null : readFileSync(file));
}
