/** Records and folders for the feedback tests. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompletionRecord, LearningEvent } from '../../../server/store/records';
import type { NewEvent } from '../../../server/store/tables/events';

export function completion(id: string, more: Partial<CompletionRecord> = {}): CompletionRecord {
  return {
    id,
    createdAt: 1_700_000_000_000,
    uri: 'file:///w/src/a.ts',
    path: 'src/a.ts',
    languageId: 'typescript',
    line: 3,
    character: 4,
    prefix: 'const a = ',
    suffix: '\n',
    promptIds: [1, 2, 70_000],
    responseIds: [5, -1],
    responseLogProbs: [-0.5, -1.25, -2],
    text: 'add(1, 2);',
    modelHash: 'm',
    adapter: null,
    latencyMs: 12.5,
    ...more,
  };
}

/** A learning event as it is stored: an edited completion that is ready, where nothing else is given. */
export function storedEvent(given: Partial<LearningEvent> = {}): LearningEvent {
  const { uri, path, languageId, prefix, suffix, text } = completion('');
  return {
    id: 1,
    completionId: 'c1',
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    uri,
    path,
    languageId,
    prefix,
    suffix,
    promptIds: [],
    responseIds: [],
    responseLogProbs: [],
    text,
    solution: 'sum(1, 2);',
    output: null,
    words: null,
    signals: ['edited'],
    weight: 1,
    status: 'ready',
    reason: null,
    ...given,
  };
}

/** The same, of a completion that is stored, as capture hands it over. */
export function learningEvent(completionId: string, more: Partial<LearningEvent> = {}): NewEvent {
  const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...event } = storedEvent(more);
  return { ...event, completionId };
}

/** A folder for one test, and the call that removes it; `inMemory` where nothing is to be learned about the disk. */
export function scratch(inMemory = false): { folder: string; file: string; remove(): void } {
  const folder = mkdtempSync(
    join(inMemory && existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'hindsight-store-'),
  );
  return {
    folder,
    file: join(folder, 'feedback.db'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
