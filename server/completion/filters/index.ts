/**
 * Filters between the model and the editor, in order. Each takes the completion's text and returns what is left of it,
 * or null where nothing should be shown. One filter is one file.
 */
import { dropBareKeyword } from './bare-keyword';
import { trimClosers } from './closers';
import { dropEmpty } from './empty';
import { cutFence } from './fence';
import { dropLoneBracket } from './lone-bracket';
import { dropMidLine } from './mid-line';
import { dropOtherLanguage } from './other-language';
import { dropRepeatOfAbove } from './repeat-of-above';
import { dropRepeatOfBelow } from './repeat-of-below';
import { dropRepetition } from './repetition';
import { trimSuffixOverlap } from './suffix-overlap';
import { trimTrailingSpace } from './trailing-space';
import type { Filter, FilterContext } from './types';
import { dropUnknownWord } from './unknown-word';
import { cutUnprintable } from './unprintable';

/** Each filter with the sentence for what it drops. */
const filters: readonly { filter: Filter; why: string }[] = [
  { filter: cutUnprintable, why: 'It holds characters that are no text.' },
  { filter: cutFence, why: 'It only ends a block of Markdown.' },
  { filter: trimTrailingSpace, why: 'It is empty.' },
  { filter: dropRepetition, why: 'It repeats itself.' },
  { filter: dropRepeatOfAbove, why: 'It repeats the lines above.' },
  { filter: dropRepeatOfBelow, why: 'It repeats the lines below.' },
  { filter: dropMidLine, why: 'It would stand in the middle of a line that goes on.' },
  { filter: dropUnknownWord, why: 'It makes a name of the begun word that stands nowhere near.' },
  { filter: trimClosers, why: 'It only closes what is closed behind the cursor.' },
  { filter: trimSuffixOverlap, why: 'It repeats what stands behind the cursor.' },
  { filter: dropEmpty, why: 'It is empty.' },
  { filter: dropLoneBracket, why: 'It only opens a bracket.' },
  { filter: dropBareKeyword, why: 'It is a keyword and nothing else.' },
  { filter: dropOtherLanguage, why: 'It is of another language.' },
];

/** What is left of a text, or why nothing is. */
export interface Filtered {
  text: string | null;
  /** One sentence where `text` is null. */
  why: string | null;
}

/** Runs every filter, and stops at the one that drops the completion. */
export function runFilters(text: string, context: FilterContext): Filtered {
  let current = text;
  for (const { filter, why } of filters) {
    const left = filter(current, context);
    if (left === null || (left === '' && current !== '')) return { text: null, why };
    current = left;
  }
  return { text: current, why: null };
}

/** Runs every filter; null where one of them drops the completion. */
export function applyFilters(text: string, context: FilterContext): string | null {
  return runFilters(text, context).text;
}
