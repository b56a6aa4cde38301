import type { Filter } from './types';

/** Nothing but white space is no completion. */
export const dropEmpty: Filter = (text) => (text.trim() === '' ? null : text);
