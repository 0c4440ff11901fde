import { Code as codes } from '../errors/index.js';

/** A gRPC status code; a number outside 0 to 16 is shown as UNKNOWN. */
export type Code = number;

const names = new Map<number, string>(Object.entries(codes).map(([name, code]) => [code, name]));

export function codeName(code: Code): string {
  return names.get(code) ?? 'UNKNOWN';
}
