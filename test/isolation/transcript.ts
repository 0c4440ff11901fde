import type { Metadata } from '@grpc/grpc-js';
import type { Outcome } from '../support/clients.js';

/** Everything that a caller sees of a call, but for its request id, which differs from call to call by design. */
export function transcriptOf({ code, message, reply, headers, trailers }: Outcome) {
  return { code, message, reply: reply?.toString('hex'), headers: plain(headers), trailers: plain(trailers) };
}

/** All bytes of an answer in one text, for looking for what must not be in them. */
export function everythingIn(outcome: Outcome): string {
  const values = [outcome.headers, outcome.trailers].flatMap((metadata) =>
    Object.entries(metadata?.toJSON() ?? {}).flatMap(([name, list]) => [name, ...list.map(asText)]),
  );
  return [outcome.message, outcome.reply?.toString('latin1') ?? '', ...values].join('\n');
}

function plain(metadata: Metadata | undefined): Record<string, string[]> {
  const entries = Object.entries(metadata?.toJSON() ?? {}).filter(([name]) => !changing.has(name));
  return Object.fromEntries(entries.map(([name, list]) => [name, list.map(asText)]));
}

const changing = new Set(['x-request-id', 'date']);

const asText = (value: unknown): string =>
  Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
