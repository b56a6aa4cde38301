import type { Filter } from './types';

const OPENERS = '([{';

/** An opening bracket alone says nothing that a finger would not type faster, and the editor closes it by itself. */
export const dropLoneBracket: Filter = (text) => {
  const signs = [...text].filter((sign) => sign.trim() !== '');
  return signs.length > 0 && signs.every((sign) => OPENERS.includes(sign)) ? null : text;
};
