import { fieldError, type GatewayError, type Reason } from '../errors/index.js';

const maxPathLength = 200;

/** What is wrong with some bytes, and where. Stays inside this folder: callers see a GatewayError or a RejectedPoint. */
export class WireFault extends Error {
  override readonly name = 'WireFault';
  readonly reason: Reason;
  readonly description: string;
  #field: string;

  constructor(reason: Reason, field: string, description: string) {
    super(description);
    this.reason = reason;
    this.description = description;
    this.#field = field;
  }

  get field(): string {
    return this.#field;
  }

  /** Puts the name of the enclosing field in front of the path; a path that is already very long stays as it is. */
  within(segment: string): this {
    if (this.#field.length >= maxPathLength) return this;
    const joint = this.#field === '' || this.#field.startsWith('[') ? '' : '.';
    this.#field = `${excerpt(segment, maxPathLength)}${joint}${this.#field}`;
    return this;
  }

  toGatewayError(outer = ''): GatewayError {
    if (outer !== '') this.within(outer);
    return fieldError(this.reason, this.#field === '' ? 'message' : this.#field, this.description);
  }
}

export function malformed(description: string): WireFault {
  return new WireFault('REQUEST_MALFORMED', '', description);
}

/** Caller text for an error: control characters escaped, cut by code points so that no emoji is cut in half. */
export function excerpt(text: string, maxCodePoints = 64): string {
  const characters = Array.from(text.slice(0, 4 * maxCodePoints));
  const cut = characters.length > maxCodePoints || text.length > 4 * maxCodePoints;
  const escaped = characters
    .slice(0, maxCodePoints)
    .join('')
    .replace(/[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/gu, (character) => `\\u${hex4(character)}`);
  return cut ? `${escaped}…` : escaped;
}

function hex4(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0');
}
