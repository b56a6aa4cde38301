/** Keys and tokens whose format is known. */
import type { Finding } from './finding';
import { VENDOR_RULES } from './vendor-rules';
import { looksDrawn, piecesOf, unrest } from './words';

/** `eyJ….eyJ….signature`, the parts of a JSON web token or of an encrypted one. */
const JWT = /(?<![A-Za-z0-9])(?<![\w-]{24})ey[JA-Z][\w-]{6,4000}\.[\w-]{2,8000}(?:\.[\w-]{0,4000}){0,3}/g;
/** base64 of `-----BEGIN`, as keys stand in environment variables and in Kubernetes. */
const ENCODED_KEY = /LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,20000}/g;

/** Everything that is told by its looks alone. */
export function* vendorTokens(text: string): Iterable<Finding | null> {
  const hints = hintsIn(text);
  yield null;
  for (const { hint, pattern } of VENDOR_RULES) {
    if (hint.length >= SHORTEST && !hints.has(hint)) {
      continue;
    }
    for (const match of text.matchAll(pattern)) {
      const value = match[1] ?? match[0];
      if (isFilled(value)) {
        const start = match.index + match[0].lastIndexOf(value);
        yield { start, end: start + value.length };
      }
    }
    yield null;
  }
  if (text.includes('ey')) {
    for (const match of text.matchAll(JWT)) {
      yield { start: match.index, end: match.index + match[0].length };
    }
  }
  if (text.includes('LS0tLS1CRUdJTi')) {
    for (const match of text.matchAll(ENCODED_KEY)) {
      yield { start: match.index, end: match.index + match[0].length };
    }
  }
}

/** Hints are looked for by their first two characters; a shorter one stands in every text. */
const SHORTEST = 2;
const HINTS = new Map<number, string[]>();
/** Whether some hint begins with a pair of characters. */
const PAIRS = new Uint8Array(128 * 128);
for (const hint of new Set(VENDOR_RULES.map((rule) => rule.hint))) {
  if (hint.length >= SHORTEST) {
    const pair = hint.charCodeAt(0) * 128 + hint.charCodeAt(1);
    PAIRS[pair] = 1;
    HINTS.set(pair, [...(HINTS.get(pair) ?? []), hint]);
  }
}

/** Which hints the text holds, in one pass over it. */
function hintsIn(text: string): Set<string> {
  const found = new Set<string>();
  let before = 128;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (before < 128 && code < 128 && PAIRS[before * 128 + code] === 1) {
      for (const hint of HINTS.get(before * 128 + code)!) {
        if (!found.has(hint) && text.startsWith(hint, i - 1)) found.add(hint);
      }
    }
    before = code;
  }
  return found;
}

/** Not a placeholder (`sk_live_xxxxxxxx`, `ghp_your_token_here`) and not a name that begins as a token does. */
function isFilled(value: string): boolean {
  const rest = value.slice(4);
  return (
    /\d|[A-Z]/.test(rest) &&
    !/^(.)\1*$/.test(rest) &&
    !/x{8}|\.{3}|0{12}/i.test(rest) &&
    (looksDrawn(value) ||
      /^[0-9a-f:-]{12,}$/i.test(value) ||
      value === value.toUpperCase() ||
      (/\d|[A-Z].*[A-Z]/.test(rest) && unrest(rest) > 0.4) ||
      // Twelve letters and digits in one piece: behind such a beginning they are no name.
      piecesOf(rest).some((piece) => piece.length >= 12 && /[a-z]\d+[a-z]/i.test(piece)))
  );
}
