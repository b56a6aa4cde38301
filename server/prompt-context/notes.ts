/** What is told of the developer's recent edits and of problems near the cursor, as short texts. */
import type { ContextPart, ContextPlace, Problem, RecentEdit } from './types';

const MOST_EDITS = 4;
/** Lines of either side of an edit that are shown. */
const MOST_LINES = 8;
/** Problems that lie within so many lines of the cursor. */
const NEAR_LINES = 8;
const MOST_PROBLEMS = 3;
const LONGEST_LINE = 160;

/** The latest edits as diffs, the latest last. An edit of more lines than are read at a glance is left out. */
export function editNotes(edits: readonly RecentEdit[]): ContextPart[] {
  const parts = edits.flatMap(({ path, before, after }): ContextPart[] => {
    const text = smallDiff(before, after);
    return text === '' ? [] : [{ kind: 'edit', path, text }];
  });
  return parts.slice(-MOST_EDITS);
}

/** The lines that differ, old ones behind `-` and new ones behind `+`; '' where none do, or too many. */
export function smallDiff(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const taken = old.slice(head, old.length - tail).filter((line) => line.trim() !== '');
  const given = now.slice(head, now.length - tail).filter((line) => line.trim() !== '');
  if (taken.length + given.length === 0 || taken.length > MOST_LINES || given.length > MOST_LINES) return '';
  return [...taken.map((line) => `-${line}`), ...given.map((line) => `+${line}`)]
    .map((line) => line.slice(0, LONGEST_LINE))
    .join('\n');
}

/** What checkers say of the lines near the cursor, the nearest last. */
export function problemNotes(problems: readonly Problem[], place: ContextPlace, line: number): ContextPart[] {
  const near = problems
    .filter((one) => one.path === place.path && Math.abs(one.line - line) <= NEAR_LINES)
    .sort((a, b) => Math.abs(b.line - line) - Math.abs(a.line - line))
    .slice(-MOST_PROBLEMS);
  return near.map(({ path, message, line: at }) => ({
    kind: 'problem',
    path,
    text: `${at - line === 0 ? 'this line' : `line ${at}`}: ${message.split('\n')[0]!.slice(0, LONGEST_LINE)}`,
  }));
}
