import { fieldError } from '../../errors/index.js';

/** Where a stream stood, for one that continues it: anybody may hold it, and it opens nothing by itself. */
export interface Session {
  readonly collection: string;
  readonly watermark: bigint;
}

const form = /^([a-z0-9_-]{1,128})\.(\d{1,20})$/;

/** The session as a caller gets it. It names what the caller knows, and is opaque so that it may change. */
export function encodeSession({ collection, watermark }: Session): string {
  return Buffer.from(`${collection}.${watermark}`).toString('base64url');
}

/** Throws FIELD_INVALID for a text that no reply had. */
export function decodeSession(text: string): Session {
  const parts = text.length > maxLength ? null : form.exec(Buffer.from(text, 'base64url').toString('latin1'));
  const [, collection, watermark] = parts ?? [];
  if (collection === undefined || watermark === undefined) {
    throw fieldError('FIELD_INVALID', 'session', 'is not the session of a reply');
  }
  return { collection, watermark: BigInt(watermark) };
}

const maxLength = 256;
