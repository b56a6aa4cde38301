/** The net below all rules: strings that a machine drew, by the look of their characters. */
import type { Finding } from './finding';
import { openBlocks } from './key-blocks';
import { entropy, isWordLike, unrest } from './words';

/** Candidates: one word of base64, base62 or URL-safe characters. */
const CANDIDATE = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
/** Longer ones are data: images, fonts, compiled code. Keys of that length come in lines or with a prefix. */
const MOST = 256;
/** What stands before a checksum, data or a public key. */
const EXEMPT =
  /(?:sha\d{1,3}|md5|blake\w{1,3}|integrity|h1|checksum|digest|hash|fingerprint|etag|hmac-sha\d+|base64,|base64|ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|charset|mappings|names|publicKeyToken|public_?key|PublicKey|public|cert(?:ificate)?|nonce|bundled|revision|\bid|fileDesc\()["'`]?\s{0,4}[:=-]?>?\s{0,4}["'`]?(?:sha\d{3}-)?$/i;
/** A prefix of an issuer that no rule knows, then a drawn string: `acme_live_…`. */
const PREFIXED =
  /(?<![A-Za-z0-9])[a-zA-Z]{2,12}(?:[_-][a-zA-Z]{2,12}){0,2}[_-]([A-Za-z0-9]{20,100})(?![A-Za-z0-9])/g;

/** Strings of high entropy. */
export function* drawnStrings(text: string): Iterable<Finding | null> {
  const open = openBlocks(text);
  let looked = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    if (++looked % 500 === 0) {
      yield null;
    }
    const value = match[0];
    if (value.length > MOST || !isDrawn(value)) {
      continue;
    }
    while (open[0] && open[0].end <= match.index) {
      open.shift();
    }
    if (open[0] && open[0].start <= match.index) {
      continue;
    }
    const before = text.slice(Math.max(0, match.index - 40), match.index);
    // A function that is called by this name.
    const isCalled = text[match.index + value.length] === '(';
    if (!isCalled && !EXEMPT.test(before) && !/[%\\]$/.test(before)) {
      yield { start: match.index, end: match.index + value.length };
    }
  }
  yield null;
  for (const match of text.matchAll(PREFIXED)) {
    const value = match[1]!;
    if (
      /\d/.test(value) &&
      /[a-z]/i.test(value) &&
      !/^[0-9a-f]+$/i.test(value) &&
      unrest(value) > 0.3 &&
      isDrawnPiece(value)
    ) {
      yield { start: match.index, end: match.index + match[0].length };
    }
  }
}

/** Small letters, capitals and digits in such a mixture as no name has. */
function isDrawn(value: string): boolean {
  // Alphabets, names that a C++ compiler made, checksums, public keys of SSH.
  if (/0123456789|abcdefgh|ABCDEFGH|^_+Z|^AAAA(?:C3NzaC1|B3NzaC1|E2VjZHNh)|^sha\d{3}-/.test(value)) {
    return false;
  }
  const digits = value.match(/\d/g)?.length ?? 0;
  if (digits < 2 || !/[a-z]/.test(value) || !/[A-Z]/.test(value)) {
    return false;
  }
  if (unrest(value) < 0.4 || entropy(value) < Math.min(4.3, 0.82 * Math.log2(value.length))) {
    return false;
  }
  // Paths and names of many short pieces: each of them can be a word.
  const pieces = value.split(/[+/_=-]+/).filter((piece) => piece !== '');
  const drawn = pieces.filter((piece) => piece.length >= 5 && isDrawnPiece(piece));
  return drawn.reduce((sum, piece) => sum + piece.length, 0) >= value.length / 2;
}

function isDrawnPiece(piece: string): boolean {
  return !/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(piece) && !isWordLike(piece) && unrest(piece) > 0.3;
}
