import type { Filter } from './index';

/** Nothing but white space is no completion. */
export const dropEmpty: Filter = (text) => (text.trim() === '' ? null : text);
