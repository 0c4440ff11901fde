import { randomBytes, randomInt } from 'node:crypto';

/** A key, and the part of it that may be shown. */
export interface MadeKey {
  readonly id: string;
  /** "vgw_" + id + "_" + 32 random bytes: whoever finds one knows what it is, and which. */
  readonly key: string;
}

export function makeKey(): MadeKey {
  const id = Array.from({ length: idLength }, () => idAlphabet[randomInt(idAlphabet.length)]).join('');
  return { id, key: `vgw_${id}_${randomBytes(32).toString('base64url')}` };
}

/** Whether a key has the form of those made here, which nobody can guess. */
export function isMadeKey(key: string): boolean {
  return /^vgw_[a-z0-9]{10}_[A-Za-z0-9_-]{43}$/.test(key);
}

const idLength = 10;
// Without letters that are taken for digits.
const idAlphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
