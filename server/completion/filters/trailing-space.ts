import type { Filter } from './index';

/** White space at the end would only move the cursor. */
export const trimTrailingSpace: Filter = (text) => text.replace(/\s+$/, '');
