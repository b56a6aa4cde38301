import { nextLines } from './next-lines';
import type { Filter } from './types';

/**
 * What already stands behind the cursor is not offered again: the completion's last lines where they equal the first
 * lines of the suffix, and closing characters that the editor put there when their openers were typed.
 */
export const trimSuffixOverlap: Filter = (text, { suffix }) => {
  const newline = suffix.indexOf('\n');
  const rest = (newline < 0 ? suffix : suffix.slice(0, newline)).trimEnd();
  let result = text;
  if (rest !== '' && !result.includes('\n') && result.endsWith(rest)) {
    result = result.slice(0, result.length - rest.length);
  }
  const following = nextLines(suffix);
  const lines = result.split('\n');
  for (let take = Math.min(lines.length - 1, following.length); take > 0; take--) {
    const tail = lines.slice(-take).map((line) => line.trimEnd());
    if (tail.every((line, i) => line !== '' && line === following[i])) {
      return lines.slice(0, lines.length - take).join('\n');
    }
  }
  return result;
};
