/** Longer paths name nothing that a payload of 32 levels could hold. */
const maxPathLength = 4096;
const key = '(?:"[^"\\\\]*"|[\\p{Alphabetic}\\p{N}_-]+)';
const path = new RegExp(`^${key}(?:\\.${key}|\\[\\d{0,19}\\])*$`, 'u');

/**
 * Whether a text is a path into a payload as Qdrant reads it: keys of letters, digits, '_' and '-' (others in double
 * quotes) joined by dots, `[3]` for an element, `[]` for every element.
 */
export function isJsonPath(text: string): boolean {
  return text.length <= maxPathLength && path.test(text);
}

export const jsonPathRule = 'is not a payload path such as title, a.b, items[].sku or "odd key"';
