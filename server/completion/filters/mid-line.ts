import { lexisOf } from '../../syntax/lexis';
import { restOfLine } from './lines';
import type { Filter } from './types';

/**
 * Before more code of its line the cursor stands where something is being changed, and what is offered there is mostly in
 * the way. Before what only closes or separates, a comment, or the rest of a begun word (`unknown-word.ts`) it may go on,
 * and where the model writes the rest of the line as well.
 */
export const dropMidLine: Filter = (text, { prefix, suffix, path = '', languageId = '' }) => {
  const rest = restOfLine(suffix).trim();
  if (rest === '' || meets(text.split('\n')[0]!.trimEnd(), rest) || /^[)\]}>'"`;,:]/.test(rest)) return text;
  const { lineComments, blockComments } = lexisOf(path, languageId, prefix);
  const marks = [...lineComments, ...blockComments.map(([open]) => open)];
  if (marks.some((mark) => rest.startsWith(mark.trim()))) return text;
  return /^[\p{L}\p{N}_$]/u.test(suffix) && /[\p{L}\p{N}_$]$/u.test(prefix) ? text : null;
};

/** Characters of the rest that the model has to write again. */
const LEAST = 3;

/** Whether a line ends with what the rest begins with. */
function meets(line: string, rest: string): boolean {
  for (let length = Math.min(line.length, rest.length); length >= Math.min(LEAST, rest.length); length--)
    if (line.endsWith(rest.slice(0, length))) return true;
  return false;
}
