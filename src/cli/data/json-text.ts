import type { JsonValue } from '../../client/index.js';

/** JSON that parseJson reads as the same value: bigints by their digits, doubles by a text that is no integer's. */
export function jsonText(value: JsonValue): string {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      return numberText(value);
    case 'object':
      return objectText(value);
    default:
      return JSON.stringify(value);
  }
}

function objectText(value: JsonValue[] | { [key: string]: JsonValue } | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`);
  return `{${entries.join(',')}}`;
}

function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  // A double beyond 2^53 would be read as the integer that it may stand for.
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}

/** The floats with few digits, each of which reads as the same 32 bits. */
export function floatsText(floats: Float32Array): string {
  const texts = new Array<string>(floats.length);
  for (let index = 0; index < floats.length; index += 1) texts[index] = floatText(floats[index] ?? 0);
  return `[${texts.join(',')}]`;
}

function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  // A score may be one that JSON has no text for; JSON.stringify does the same.
  if (!Number.isFinite(value)) return 'null';
  // Most floats take 7 to 9 digits. A short integer divided by a power of ten is the number that its text is read as.
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  for (const digits of [7, 8, 9]) {
    const scale = 10 ** (digits - 1 - exponent);
    if (scale > 1e22 || scale < 1) break;
    const rounded = Math.round(value * scale) / scale;
    if (Math.fround(rounded) === value) return String(rounded);
  }
  // Nine digits tell any two floats apart.
  return String(Number(value.toPrecision(9)));
}
