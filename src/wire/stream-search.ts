import { fieldError } from '../errors/index.js';
import { asBuffer, Cursor, isText, tagOf, WireType } from './cursor.js';
import { malformed, WireFault } from './fault.js';
import { limits } from './limits.js';

/** A message of StreamSearchPoints: the request inside is not decoded. */
export interface StreamSearch {
  readonly kind: 'search' | 'query';
  /** An encoded SearchPointsRequest or QueryPointsRequest. */
  readonly request: Buffer;
}

const idTag = tagOf(1, WireType.bytes);
const searchTag = tagOf(2, WireType.bytes);
const queryTag = tagOf(3, WireType.bytes);
const maxIdBytes = 64;

/** The id of a message, as far as it can be read, for the answer to it; '' when it has none or none that is allowed. */
export function readSearchId(message: Uint8Array): string {
  let id: Buffer = Buffer.alloc(0);
  try {
    visit(asBuffer(message), (tag, content) => {
      if (tag === idTag) id = content;
    });
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
  }
  return id.length <= maxIdBytes && isText(id, 0, id.length) ? id.toString('utf8') : '';
}

/** Throws GatewayError(REQUEST_MALFORMED | LIMIT_EXCEEDED | FIELD_INVALID). */
export function readStreamSearch(message: Uint8Array): StreamSearch {
  const chunks: { search: Buffer[]; query: Buffer[] } = { search: [], query: [] };
  let id: Buffer = Buffer.alloc(0);
  try {
    visit(asBuffer(message), (tag, content) => {
      if (tag === idTag) id = content;
      else chunks[tag === searchTag ? 'search' : 'query'].push(content);
    });
  } catch (error) {
    throw error instanceof WireFault ? error.toGatewayError() : error;
  }
  checkId(id);
  const { search, query } = chunks;
  if (search.length > 0 === query.length > 0) {
    throw fieldError('FIELD_INVALID', 'search', 'give `search` or `query`, one of them');
  }
  // Joining the bytes of several is what merging them means.
  if (search.length > 0) return { kind: 'search', request: joined(search) };
  return { kind: 'query', request: joined(query) };
}

function visit(message: Buffer, use: (tag: number, content: Buffer) => void): void {
  const cursor = new Cursor(message);
  for (let records = 0; !cursor.atEnd; records++) {
    if (records > limits.elements) {
      throw new WireFault('LIMIT_EXCEEDED', '', `holds more than ${limits.elements} fields`);
    }
    const tag = cursor.tag();
    const known = tag === idTag || tag === searchTag || tag === queryTag;
    if (!known) {
      if (tag >>> 3 <= 3) throw malformed(`has the wrong wire type in field ${tag >>> 3}`);
      cursor.skip(tag);
      continue;
    }
    const length = cursor.length();
    const start = cursor.pos;
    cursor.skipBytes(length);
    use(tag, message.subarray(start, cursor.pos));
  }
}

function checkId(id: Buffer): void {
  if (id.length === 0) throw fieldError('FIELD_INVALID', 'id', 'is missing: the answer is found by it');
  if (id.length > maxIdBytes) {
    throw fieldError('FIELD_INVALID', 'id', `has ${id.length} bytes, at most ${maxIdBytes}`);
  }
  if (!isText(id, 0, id.length)) throw fieldError('REQUEST_MALFORMED', 'id', 'is not valid UTF-8');
}

const joined = (chunks: readonly Buffer[]): Buffer =>
  chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
