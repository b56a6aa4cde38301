import type { Filter } from './types';
import { wordAtEnd } from './words';

/**
 * Words that begin something in some language and are nothing by themselves. What may stand alone (`pass`, `break`,
 * `continue`, `return`, `else`, `null`) is not among them.
 */
const BEGINNINGS = new Set(
  (
    'abstract as assert async await case catch class const constexpr debugger declare def default defer defn del delete elif elsif elseif ' +
    'enum except export extends extern final fn for foreach from func function global go if impl implements import in include instanceof ' +
    'interface internal is lambda let match mod module mut namespace new nonlocal not of operator or and override package private protected ' +
    'protocol pub public raise readonly require select static struct super switch template throw throws trait type typedef typename typeof ' +
    'union unless unsafe until use using val var virtual void volatile when where while with yield'
  ).split(' '),
);

/** A keyword alone, or several, with nothing that they begin. */
export const dropBareKeyword: Filter = (text, { prefix }) => {
  const words = (wordAtEnd(prefix) + text).trim().split(/\s+/, 4);
  const isBare = words.length <= 3 && words.every((word) => BEGINNINGS.has(word));
  return isBare ? null : text;
};
