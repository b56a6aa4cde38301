/** Taking names and values apart: words, and pieces that are none. */
import { surprise } from './letter-pairs';

/** The words of an identifier, in lower case: `dbPassword2`, `DB_PASSWORD` and `db-password` all hold `db` and `password`. */
export function wordsOf(identifier: string): string[] {
  return identifier
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Bits per character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const c of text) {
    counts.set(c, (counts.get(c) ?? 0) + 1);
  }
  let bits = 0;
  for (const n of counts.values()) {
    bits -= (n / text.length) * Math.log2(n / text.length);
  }
  return bits;
}

/** Words of code and of technology that hold digits. */
const TECHNICAL =
  /^(?:v?\d+(?:[a-z]{1,3})?|[a-z]{1,2}\d{1,3}|(?:sha|md|utf|ucs|utf8mb|iso|base|aes|des|rsa|dsa|ecdsa|ed|x|ipv?|http|tls|ssl|oauth|h|mp|rs|hs|es|ps|pbkdf|bcrypt|argon|scrypt|blake|crc|int|uint|float|long|rc|sp|p|secp|prime|curve|chacha|poly|rfc|k|i|l|a|s|ec|web|win|linux|amd|arm|x86|python|node|java|es|ecma|es20|cp|latin|windows|level|step|page|line|col|row|item|part|test|case|arg|param|var|val|value|key|user|name|id|str|string|num|field|group|type|node|data|file|msg|text|obj|tmp|temp)\d{0,4}(?:[a-z]{1,4}|k1|r1|id2?)?|base(?:32|58|62|64|85)(?:url|hex)?|\d+(?:st|nd|rd|th|px|em|ms|kb|mb|gb|bit|min|sec|d|x)|[ikelas]\d+[nslytke]{1,2}|[2-4]d|mp[34]|h26[45]|s3|oauth2|auth0|md5|log4j|neo4j|web3|i18n|l10n|a11y|k8s|e2e|p2p|b2b|x509|pkcs\d+|argon2(?:id|i|d)?|1password)$/;

/** `sha256`, `utf8`, `oauth2`, `h264`: what has its number by name. */
export function isTechnical(piece: string): boolean {
  return TECHNICAL.test(piece.toLowerCase());
}

/**
 * Whether a piece without separators can be a name: words in one case or in camel case, a number here and there. `Gr4pe`,
 * `hDTJQDAh` and `a1b2c3` can not.
 */
export function isWordLike(piece: string): boolean {
  if (/^\d{1,4}$/.test(piece) || isTechnical(piece)) {
    return true;
  }
  if (piece.length < 6) {
    return /^[A-Za-z]+\d*$/.test(piece);
  }
  // `Float64x2`: one number.
  const shape = piece.replace(/(\d)x(?=\d)/g, '$1');
  const humps = shape.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  const numbers = shape.match(/\d+/g) ?? [];
  const letters = humps.reduce((sum, hump) => sum + hump.length, 0);
  // Drawn text changes its case after two letters or fewer, names after four or more.
  const shortest = shortestHump(shape);
  // In capitals alone numbers stand at the end, or in a version.
  const fewNumbers =
    numbers.length <= (/[a-z]/.test(piece) && piece.length < 20 ? 4 : 3) &&
    numbers.every((number) => number.length <= 5);
  const fewDigits = letters >= 2 * (shape.length - letters) && !/^\d/.test(piece);
  if (!fewNumbers || !fewDigits || letters / humps.length < shortest) {
    return false;
  }
  // Abbreviations follow no rule of spelling.
  const { bits, pairs } = surprise(humps.filter((hump) => hump.length > 5 || /[a-z]/.test(hump)));
  return pairs < 5 || bits / pairs <= (pairs >= 15 ? 4.75 : pairs >= 9 ? 4.95 : 5.4);
}

/** Letters of a word in camel case, on average, at least; the surer the longer the text is, and the more numbers it has inside. */
function shortestHump(shape: string): number {
  const isLong = shape.length >= 16;
  if (/\d[A-Za-z]/.test(shape)) {
    return isLong ? 3.3 : 2.8;
  }
  return !isLong ? 2.6 : /\d/.test(shape) ? 3 : 3.4;
}

/** Pieces of a value between separators: hyphens, underscores, dots, slashes and the like. */
export function piecesOf(value: string): string[] {
  return value.split(/[^A-Za-z0-9]+/).filter((piece) => piece !== '');
}

/** Whether some piece of the value is no word: it was drawn, not written. At least `least` characters. */
export function looksDrawn(value: string, least = 8): boolean {
  return value.length >= least && piecesOf(value).some((piece) => piece.length >= 4 && !isWordLike(piece));
}

/** Changes between small letters, capitals and digits, as a share of all places where there could be one. */
export function unrest(text: string): number {
  let changes = 0;
  for (let i = 1; i < text.length; i++) {
    if (kindOf(text.charCodeAt(i)) !== kindOf(text.charCodeAt(i - 1))) {
      changes++;
    }
  }
  return text.length < 2 ? 0 : changes / (text.length - 1);
}

function kindOf(code: number): number {
  if (code >= 48 && code <= 57) return 0;
  if (code >= 65 && code <= 90) return 1;
  return code >= 97 && code <= 122 ? 2 : 3;
}
