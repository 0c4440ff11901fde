import { isIPv6 } from 'node:net';

export interface FailedAttemptsOptions {
  /** Failures a minute that a peer has; as many at once. */
  readonly maxPerMinute: number;
  readonly nowMs?: () => number;
}

/**
 * Counts failed attempts by peer, and remembers who came from where with a good credential. Both are bounded: the peer
 * that was silent for longest is forgotten first.
 */
export class FailedAttempts {
  readonly #maxPerMinute: number;
  readonly #nowMs: () => number;
  readonly #peers = new Map<string, { left: number; atMs: number }>();
  readonly #known = new Map<string, true>();

  constructor({ maxPerMinute, nowMs = Date.now }: FailedAttemptsOptions) {
    this.#maxPerMinute = maxPerMinute;
    this.#nowMs = nowMs;
  }

  /** Ms until the peer may fail again; 0 when it may now. */
  delayMs(address: string): number {
    const left = this.#left(peerOf(address));
    return left >= 1 ? 0 : Math.ceil(((1 - left) * 60_000) / this.#maxPerMinute);
  }

  count(address: string): void {
    const peer = peerOf(address);
    put(this.#peers, peer, { left: Math.max(0, this.#left(peer) - 1), atMs: this.#nowMs() }, maxPeers);
  }

  remember(address: string, principal: string): void {
    put(this.#known, `${peerOf(address)} ${principal}`, true, maxKnown);
  }

  /** Whether the principal was remembered for this peer. */
  knows(address: string, principal: string): boolean {
    return this.#known.has(`${peerOf(address)} ${principal}`);
  }

  #left(peer: string): number {
    const entry = this.#peers.get(peer);
    if (entry === undefined) return this.#maxPerMinute;
    const refilled = ((this.#nowMs() - entry.atMs) / 60_000) * this.#maxPerMinute;
    return Math.min(this.#maxPerMinute, entry.left + refilled);
  }
}

/** What one peer is: an IPv4 address, or a /64 of IPv6, which is what one subscriber has. */
export function peerOf(address: string): string {
  const bare = address.replace(/%.*$/, '').toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(bare)) return bare;
  const [head = '', tail = ''] = bare.split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array(Math.max(0, 8 - (before?.length ?? 0) - (after?.length ?? 0))).fill('0');
  const groups = [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

// A Map keeps the order of insertion: the first key is the one that was put longest ago.
function put<V>(map: Map<string, V>, key: string, value: V, maxEntries: number): void {
  map.delete(key);
  const oldest = map.keys().next();
  if (map.size >= maxEntries && !oldest.done) map.delete(oldest.value);
  map.set(key, value);
}

const maxPeers = 10_000;
const maxKnown = 10_000;
