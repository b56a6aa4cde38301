/**
 * Secrets of every format we know of, drawn anew by a seed: nothing in the fixtures is one, so that no scanner takes them
 * for leaks. In a format each part after the name is a prefix or `alphabet:length`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../../../server/base/random';
import { ROOT } from '../../root';

const ALPHABETS: Record<string, string> = {
  a62: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-',
  b64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  hex: '0123456789abcdef',
  HEX: '0123456789ABCDEF',
  a36: 'abcdefghijklmnopqrstuvwxyz0123456789',
  A36: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  A32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  n: '0123456789',
  bech: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  b58: '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz',
};

/** Issuers' formats: a name, then parts, between bars. */
const FORMATS = linesOf('formats.txt');
/** Where a secret stands: `{}` is a password, `{weak}` one that looks like a word, `{token}` a drawn key, `{hex}` a hexadecimal one. */
const SHAPES = linesOf('shapes.txt');

function linesOf(file: string): string[] {
  return readFileSync(join(ROOT, 'test/fixtures/secrets', file), 'utf8')
    .trim()
    .split('\n');
}

/** Passwords as people choose them and as generators make them; odder ones are in odd-passwords.ts. */
export const PASSWORDS = [
  'Gr4pe-Xyef84',
  'hunter2!x9',
  'P@$$w0rd-L9Uj',
  'xK9#mQ2$vL7n',
  'Winter2024!',
  'c0rrect_h0rse7',
  'Zx81-Qwert77',
];

/** Passwords that look like a word of code with a number behind it. */
const WEAK = ['hunter2', 'summer77', 'abcd1234x'];

export interface Example {
  name: string;
  text: string;
  /** What may not be stored. */
  secret: string;
}

/** Every issuer's format, drawn by the seed. */
export function formats(seed: number): Example[] {
  const source = random(seed);
  return FORMATS.map((line) => {
    const [name, ...parts] = line.split('|');
    let longest = '';
    const text = parts
      .map((part) => {
        const [, alphabet, length] = /^(\w+):(\d+)$/.exec(part) ?? [];
        if (!alphabet || !ALPHABETS[alphabet]) return part;
        const piece = drawn(source, ALPHABETS[alphabet], Number(length));
        longest = piece.length > longest.length ? piece : longest;
        return piece;
      })
      .join('');
    return { name: name!, text, secret: longest };
  });
}

/** Every shape, filled with passwords and keys drawn by the seed. */
export function shapes(seed: number): Example[] {
  const source = random(seed);
  return SHAPES.map((line, i) => {
    const kind = /\{(token|hex|weak|)\}/.exec(line)![0];
    const secret =
      kind === '{}'
        ? PASSWORDS[(i + seed) % PASSWORDS.length]!
        : kind === '{weak}'
          ? WEAK[(i + seed) % WEAK.length]!
          : drawn(source, ALPHABETS[kind === '{hex}' ? 'hex' : 'a62']!, kind === '{hex}' ? 32 : 24);
    return {
      name: line,
      text: line
        .replaceAll('\\n', '\n')

        .replaceAll(kind, () => secret),
      secret,
    };
  });
}

function drawn(source: { next(): number }, alphabet: string, length: number): string {
  let text = '';
  while (text.length < length) {
    text += alphabet[Math.floor(source.next() * alphabet.length)];
  }
  return text;
}
