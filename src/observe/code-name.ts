import { Code as codes } from '../errors/index.js';

/** A gRPC status code; a number outside 0 to 16 is shown as UNKNOWN. */
export type Code = number;

const names = new Map<number, string>(Object.entries(codes).map(([name, code]) => [code, name]));

/** All names of gRPC status codes, in the order of their numbers. */
export const codeNames: readonly string[] = [...names.values()];

export function codeName(code: Code): string {
  return names.get(code) ?? 'UNKNOWN';
}
