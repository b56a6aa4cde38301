import type { Filter } from './types';

/** White space at the end would only move the cursor. */
export const trimTrailingSpace: Filter = (text) => text.replace(/\s+$/, '');
