import { randomUUID } from 'node:crypto';

// An integer of 16 digits or more may not be a safe one. It may also lie in a string: that only costs time.
const mayHoldLargeInteger = /[\s:,[]-?\d{16,}\s*[,}\]]|^\s*-?\d{16,}\s*$/;
const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;
// No text of a file begins with it by chance.
const mark = `integer ${randomUUID()} `;

/** As JSON.parse, with integers beyond 2^53 as bigints: not a digit is lost. Throws SyntaxError. */
export function parseJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!mayHoldLargeInteger.test(text)) return plain;
  // It is JSON; so what is no string and begins like a number is one.
  const marked = text.replace(stringsAndNumbers, (token) =>
    isLargeInteger(token) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

function isLargeInteger(token: string): boolean {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token));
}
