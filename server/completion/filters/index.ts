/**
 * Filters between the model and the editor, in order. Each takes the completion's text and returns what is left of it,
 * or null where nothing should be shown. One filter is one file.
 */
import { dropEmpty } from './empty';
import { dropRepeatOfBelow } from './repeat-of-below';
import { dropRepetition } from './repetition';
import { trimSuffixOverlap } from './suffix-overlap';
import { trimTrailingSpace } from './trailing-space';
import type { Filter, FilterContext } from './types';

const filters: Filter[] = [
  trimTrailingSpace,
  dropRepetition,
  dropRepeatOfBelow,
  trimSuffixOverlap,
  dropEmpty,
];

/** Runs every filter; null where one of them drops the completion. */
export function applyFilters(text: string, context: FilterContext): string | null {
  let current: string | null = text;
  for (const filter of filters) {
    current = filter(current, context);
    if (current === null) return null;
  }
  return current;
}
