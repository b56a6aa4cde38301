/** Private keys: PEM, OpenSSH, PGP and PuTTY blocks, whole or cut off at either end, and their bare lines of base64. */
import type { Finding } from './finding';
import { unrest } from './words';

const BEGIN = /-{3,5} ?BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|SECRET KEY)[A-Z ]{0,12}-{3,5}/g;
const END = /-{3,5} ?END [A-Z0-9 ]{0,40}(?:PRIVATE KEY|SECRET KEY)[A-Z ]{0,12}-{3,5}/g;
const OPEN_BLOCK =
  /-{3,5} ?BEGIN (?:CERTIFICATE|TRUSTED CERTIFICATE|X509|NEW CERTIFICATE|CERTIFICATE REQUEST|[A-Z ]{0,20}PUBLIC KEY|PGP SIGNATURE|PGP MESSAGE|PKCS7|CMS|X509 CRL|DH PARAMETERS|EC PARAMETERS|AGE ENCRYPTED FILE)/;
/** Lines of a key in a string, from its middle. */
const ESCAPED_LINES =
  /(?:[A-Za-z0-9+/]{60,100}(?![A-Za-z0-9+/])={0,2}(?:\\r)?\\n){2,400}[A-Za-z0-9+/]{0,100}={0,2}/g;
const PUTTY = /Private-Lines: ?(\d{1,4})[^\n]{0,4}\n/g;
/** A block is not longer, in characters: an RSA key of 16,384 bits in PEM. */
const MOST = 20_000;
/** Around the base64 of a line in source: indentation, quotes, concatenation, comment marks. */
const BODY = /^[\s"'`+|>*#/]{0,40}([A-Za-z0-9+/]{40,160}={0,2})(?:\\n|\\r\\n|[\s"'`+,;.\\)]){0,24}$/;
const LAST = /^[\s"'`+|>*#/]{0,40}([A-Za-z0-9+/]{1,160}={0,2})(?:\\n|[\s"'`+,;.\\)]){0,24}$/;

/** Certificates, public keys, signatures: what looks like a key's lines and is none. */
export function openBlocks(text: string): Finding[] {
  const found: Finding[] = [];
  for (let at = text.indexOf('-----BEGIN '); at >= 0; at = text.indexOf('-----BEGIN ', at + 11)) {
    if (OPEN_BLOCK.test(text.slice(at, at + 80))) {
      const end = text.indexOf('-----END ', at);
      found.push({ start: at, end: end < 0 ? text.length : end });
      if (end < 0) {
        break;
      }
      at = end;
    }
  }
  return found;
}

/** Private keys and what is left of them. */
export function* privateKeys(text: string): Iterable<Finding | null> {
  if (text.includes('BEGIN ')) {
    for (const match of text.matchAll(BEGIN)) {
      const end = endOfBlock(text, match.index + match[0].length);
      // The line alone, as programs that read keys name it, gives nothing away.
      if (/[A-Za-z0-9+/]{16}/.test(text.slice(match.index + match[0].length, end).replace(END, ''))) {
        yield { start: match.index, end };
      }
    }
  }
  if (text.includes('END ')) {
    for (const match of text.matchAll(END)) {
      const start = startOfBlock(text, match.index);
      if (/[A-Za-z0-9+/]{4}/.test(text.slice(start, match.index))) {
        yield { start, end: match.index + match[0].length };
      }
    }
  }
  for (const match of text.matchAll(PUTTY)) {
    let end = match.index + match[0].length;
    for (let left = Number(match[1]); left > 0 && end < text.length; left--) {
      const next = text.indexOf('\n', end);
      end = next < 0 ? text.length : next + 1;
    }
    const mac = /^Private-(?:MAC|Hash): ?[0-9a-f]+/.exec(text.slice(end, end + 120));
    yield { start: match.index, end: end + (mac?.[0].length ?? 0) };
  }
  for (const match of text.matchAll(ESCAPED_LINES)) {
    yield { start: match.index, end: match.index + match[0].length };
  }
  yield* bareLines(text);
}

/** Up to the END line; without one, as long as lines look like a key's. */
function endOfBlock(text: string, from: number): number {
  const reach = text.slice(from, from + MOST);
  END.lastIndex = 0;
  const end = END.exec(reach);
  END.lastIndex = 0;
  const other = reach.search(/-{3,5} ?BEGIN /);
  if (end && (other < 0 || other > end.index)) {
    return from + end.index + end[0].length;
  }
  const body = /^(?:[A-Za-z0-9+/=\s"'`,;:.()-]|\\[nr])*/.exec(other < 0 ? reach : reach.slice(0, other))![0];
  // Code goes on where words begin that are no base64 line.
  const stop = body.search(/\n[^\n]{0,80}[A-Za-z]+ [A-Za-z]+ /);
  return from + (stop < 0 ? body.length : stop);
}

/** Down from the END line, as long as lines look like a key's. */
function startOfBlock(text: string, end: number): number {
  const above = Math.max(0, end - MOST);
  const reach = text.slice(above, end);
  let start = above + reach.lastIndexOf('\n') + 1;
  const inline = text.slice(start, end);
  if (/(?:[A-Za-z0-9+/=]|\\[nr]){16}$/.test(inline.slice(-400))) {
    // One line with escaped breaks.
    let at = inline.length;
    while (
      at > 0 &&
      (/[A-Za-z0-9+/=]/.test(inline[at - 1]!) || /^\\[nr]/.test(inline.slice(at - 1, at + 1)))
    ) {
      at--;
    }
    return start + at;
  }
  while (start > above) {
    const before = above + reach.lastIndexOf('\n', start - above - 2) + 1;
    const line = text.slice(before, start - 1);
    if (!LAST.test(line.replace(/\r$/, '')) && !/^(?:Proc-Type|DEK-Info|Version|Comment|Hash): /.test(line)) {
      break;
    }
    start = before;
  }
  return start;
}

/**
 * Two or more lines of nothing but base64, at least the first of a key's length: the middle of a key. Certificates, public keys
 * and signatures look the same and have their own BEGIN line above.
 */
function* bareLines(text: string): Iterable<Finding | null> {
  let run: { start: number; end: number; lines: number; unrest: number; width: number } | null = null;
  let above = '';
  let at = 0;
  let harmless = false;
  while (at <= text.length) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next;
    const line = end - at > 220 ? '' : text.slice(at, end).replace(/\r$/, '');
    const body = line.length >= 40 ? BODY.exec(line)?.[1] : undefined;
    if (body && !harmless && isKeyLine(body)) {
      run ??= { start: at, end, lines: 0, unrest: 0, width: body.length };
      run.lines++;
      run.end = end;
    } else {
      if (run && run.lines >= 2) {
        const tail = line.length > 0 && LAST.test(line) && /[A-Z]|\d|=/.test(line) ? end : run.end;
        yield { start: run.start, end: tail };
      }
      run = null;
      if (line.includes('-----')) {
        harmless = OPEN_BLOCK.test(line);
      } else if (!body && line.trim() !== '' && !LAST.test(line) && !/^[\w-]+: /.test(line)) {
        harmless = /;base64,|sourceMappingURL|ssh-(?:rsa|ed25519|dss)|ecdsa-sha2/.test(above + line);
      }
    }
    above = line;
    if (next < 0) {
      break;
    }
    at = next + 1;
  }
  if (run && run.lines >= 2) {
    yield { start: run.start, end: run.end };
  }
}

function isKeyLine(body: string): boolean {
  return (
    /[a-z]/.test(body) &&
    /[A-Z]/.test(body) &&
    /\d/.test(body) &&
    unrest(body) > 0.42 &&
    !/(.)\1{7}/.test(body)
  );
}
