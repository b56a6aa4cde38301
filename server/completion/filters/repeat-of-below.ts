import { nextLines } from './next-lines';
import type { Filter, FilterContext } from './types';

/** Whether a text for an empty line is what the lines below it say already, word for word and as far in. */
export function repeatsBelow(text: string, { prefix, suffix }: FilterContext): boolean {
  const indentation = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const rest = suffix.split('\n', 1)[0]!;
  if (indentation.trim() !== '' || rest.trim() !== '' || text.trim() === '') return false;
  const below = nextLines(suffix);
  return (indentation + text)
    .trimEnd()
    .split('\n')
    .every((line, i) => line.trimEnd() === below[i]);
}

/** Nobody opens a line above another to say the same. */
export const dropRepeatOfBelow: Filter = (text, context) => (repeatsBelow(text, context) ? null : text);
