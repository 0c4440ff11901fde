import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

/** Where LMDB (data version 2) keeps what is needed here, in each of its two first pages. */
const PAGE_FLAGS_AT = 18;
const MAGIC_AT = 24;
const PAGE_BYTES_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const HEAD_BYTES = 160;
const META_PAGE = 0x08;
const MAGIC = Buffer.from([0xde, 0xc0, 0xef, 0xbe, 2, 0]);
const MAX_PAGE_BYTES = 65_536;

/** A sound file may end before its last page when that page is free; it never was shorter in tests. */
const MAX_MISSING_PAGES = 64;

interface Head {
  readonly pageBytes: number;
  readonly pages: number;
  readonly transaction: bigint;
}

/**
 * Throws when the file is none of lmdb's or has lost its end: lmdb would end the process (it maps the file, and
 * reading what is not there is a SIGBUS). A file that is not there, or empty, is a new one.
 */
export function checkStoreFile(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const first = readHead(file, 0);
    const second = readHead(file, first.pageBytes);
    const newest = second.transaction > first.transaction ? second : first;
    const missing = newest.pages * newest.pageBytes - size;
    if (missing > MAX_MISSING_PAGES * newest.pageBytes || (missing > 0 && missing % newest.pageBytes > 0)) {
      throw new Error(`store.mdb is damaged: its last ${missing} bytes are missing`);
    }
    // A page of zeros is an error of one call; one that is not there would be the end of all.
    if (missing > 0) ftruncateSync(file, size + missing);
  } finally {
    closeSync(file);
  }
}

function readHead(file: number, at: number): Head {
  const head = Buffer.alloc(HEAD_BYTES);
  const read = readSync(file, head, 0, HEAD_BYTES, at);
  const pageBytes = head.readUInt32LE(PAGE_BYTES_AT);
  const isMeta =
    read === HEAD_BYTES &&
    (head.readUInt16LE(PAGE_FLAGS_AT) & META_PAGE) !== 0 &&
    head.subarray(MAGIC_AT, MAGIC_AT + MAGIC.length).equals(MAGIC) &&
    pageBytes >= HEAD_BYTES &&
    pageBytes <= MAX_PAGE_BYTES;
  if (!isMeta) throw new Error('store.mdb is damaged, or no store file at all');
  return {
    pageBytes,
    pages: Number(head.readBigUInt64LE(LAST_PAGE_AT)) + 1,
    transaction: head.readBigUInt64LE(TRANSACTION_AT),
  };
}
