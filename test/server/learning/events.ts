import type { LearningEvent } from '../../../server/store/records';
import { storedEvent } from '../store/records';

let next = 1;

/** A learning event with plain values where none are given. */
export function event(given: Partial<LearningEvent> = {}): LearningEvent {
  const id = next++;
  return storedEvent({
    id,
    completionId: `c${id}`,
    createdAt: 1_700_000_000_000 + id * 60_000,
    updatedAt: 1_700_000_000_000 + id * 60_000,
    uri: `file:///project/src/file${id}.ts`,
    path: `src/file${id}.ts`,
    text: 'one;',
    solution: 'two;',
    ...given,
  });
}
