import type { Filter } from './types';

/** An opening bracket alone says nothing that a finger would not type faster, and the editor closes it by itself. */
export const dropLoneBracket: Filter = (text) => (/^[\s([{]*[([{][\s([{]*$/.test(text) ? null : text);
