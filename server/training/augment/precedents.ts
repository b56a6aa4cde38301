/**
 * The same correction where nobody has made it before. A developer corrects a file from top to bottom, so every
 * correction but the first has the one before it in its prompt; what is learned there is to copy it, and in the next
 * file, where nothing is to be copied, nothing.
 */
import type { LearningEvent } from '../../store/records';
import { shareIn, wordPairs } from '../gates/likeness';

/** A line with so large a share of a kept line's word pairs is one like it. */
const LEAST_SHARE = 0.5;
/** Kept lines of fewer pairs, such as `}` or `return x;`, are like anything. */
const LEAST_PAIRS = 6;

/** The event without the whole lines around the cursor that are like a kept one; null where there is none. */
export function withoutPrecedents(event: LearningEvent): LearningEvent | null {
  const kept = (event.solution ?? '')
    .split('\n')
    .map(wordPairs)
    .filter(({ size }) => size >= LEAST_PAIRS);
  if (kept.length === 0) return null;
  const precedes = (line: string) => {
    const pairs = wordPairs(line);
    return kept.some((one) => shareIn(one, pairs) >= LEAST_SHARE);
  };
  // The line the cursor is in belongs to both sides and stays.
  const before = event.prefix.split('\n');
  const after = event.suffix.split('\n');
  const prefix = before.filter((line, i) => i === before.length - 1 || !precedes(line)).join('\n');
  const suffix = after.filter((line, i) => i === 0 || !precedes(line)).join('\n');
  if (prefix === event.prefix && suffix === event.suffix) return null;
  return { ...event, prefix, suffix };
}
