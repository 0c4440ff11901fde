// C0 and C1 controls, DEL, the line separators of Unicode, and the marks that turn the direction of text:
// each could forge a line or hide one in a log or a terminal.
const unsafe = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const loneSurrogate = /\p{Surrogate}/gu;

/**
 * Text of a caller made fit to be shown: control characters escaped, half characters replaced, cut to
 * `maxCodePoints` (then it ends in "…"). Never splits a character, so the result is always well-formed.
 */
export function cleanText(text: string, maxCodePoints: number): string {
  // A code point takes at most two units: what lies beyond cannot be in the result and is not looked at.
  const head = text.slice(0, maxCodePoints * 2 + 2);
  const points = Array.from(head.replace(loneSurrogate, '\ufffd'));
  const cut = points.length > maxCodePoints;
  const kept = cut ? `${points.slice(0, Math.max(0, maxCodePoints - 1)).join('')}…` : points.join('');
  return kept.replace(unsafe, escapeOne);
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOne(character: string): string {
  return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
