/** One format of keys or tokens, and how it is written down. */

export interface VendorRule {
  /** Who issues it, and what it is. */
  name: string;
  hint: string;
  pattern: RegExp;
}

const WORD = '[\\w-]';
/** Nothing of a word before it: `risk-ant-` is no key. */
const START = '(?<![A-Za-z0-9])';

/** A prefix, then at least `least` characters of an alphabet. */
export function prefixed(
  name: string,
  prefix: string,
  least: number,
  alphabet = WORD,
  most = 2_000,
): VendorRule {
  const literal = prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { name, hint: prefix, pattern: new RegExp(`${START}${literal}${alphabet}{${least},${most}}`, 'g') };
}

export function rule(name: string, hint: string, pattern: RegExp): VendorRule {
  return { name, hint, pattern };
}

export const ALNUM = '[A-Za-z0-9]';
export const BASE64 = '[A-Za-z0-9+/=_-]';
export const DOTTED = '[\\w.=-]';
