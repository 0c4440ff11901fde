import type { Gateway } from '../app/index.js';
import { type Config, isLoopback } from '../config/index.js';

type Shown = Pick<Gateway, 'address' | 'backend' | 'dataDir' | 'identity' | 'metricsAddress'>;

/** What a person sees when the gateway has started in a terminal. */
export function bannerText(config: Config, gateway: Shown, version: string): string {
  const rows: [string, string][] = [
    ['address', `${gateway.address}${config.tls === undefined ? '' : ' (TLS)'}`],
    ['backend', gateway.backend],
  ];
  if (gateway.dataDir !== undefined) rows.push(['data', gateway.dataDir]);
  rows.push(['identity', identityText(config, gateway.identity)]);
  const metrics = gateway.metricsAddress;
  rows.push(['metrics', metrics === undefined ? 'not served' : `http://${metrics}/metrics`]);
  const lines = rows.map(([name, value]) => `  ${name.padEnd(9)} ${value}`);
  const hint = 'Try (grpcurl is at https://github.com/fullstorydev/grpcurl):';
  return `\nvector-gateway ${version}\n${lines.join('\n')}\n\n${hint}\n\n  ${grpcurlLine(config, gateway.address)}\n\n`;
}

function identityText(config: Config, kinds: readonly string[]): string {
  if (kinds.length > 0) return kinds.join(', ');
  return isLoopback(config.host) ? 'none asked for (loopback only)' : 'NONE ASKED FOR, open to the network';
}

/** A command that works when pasted: creates a collection of 4 dimensions for tenant 42. */
export function grpcurlLine(config: Config, address: string): string {
  const parts = ['grpcurl'];
  if (config.tls === undefined) {
    parts.push('-plaintext');
  } else {
    // The certificate names its public host; it is the right one to trust only where it signs itself.
    parts.push('-insecure');
  }
  if (config.tls?.clientCaFile !== undefined) parts.push('-cert client.crt -key client.key');
  if (config.apiKeysFile !== undefined) parts.push('-H "authorization: Bearer $API_KEY"');
  else if (config.tokens !== undefined) parts.push('-H "authorization: Bearer $TOKEN"');
  parts.push(`-H '${config.tenantHeader}: 42'`);
  parts.push(`-d '{"collection":"demo","vector_size":4}'`);
  parts.push(reachable(address), 'vectorgateway.v1.CollectionsService/CreateCollection');
  return parts.join(' ');
}

function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
}
