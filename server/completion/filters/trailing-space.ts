import { restOfLine } from './lines';
import type { Filter } from './types';

/**
 * White space at the end would only move the cursor. Not so before a closing bracket behind the cursor, where it puts the
 * bracket on a line of its own below the block.
 */
export const trimTrailingSpace: Filter = (text, { suffix }) => {
  const trimmed = text.trimEnd();
  const end = text.slice(trimmed.length);
  if (trimmed.startsWith('\n') && /^[ \t]*[)\]}]/.test(restOfLine(suffix)) && /^\s*\n[ \t]*$/.test(end)) {
    return trimmed + end.slice(end.lastIndexOf('\n'));
  }
  return trimmed;
};
