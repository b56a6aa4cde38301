import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LearningEvent } from '../../../server/store/records';
import { type FeedbackStore, openStore } from '../../../server/store/store';
import { roundOptions } from '../../../server/training/round-options';
import type { RoundOptions } from '../../../server/training/types';
import { ROOT } from '../../root';
import { event } from '../learning/events';
import { completion, learningEvent } from '../store/records';

export const TRAINER = path.join(ROOT, 'server/training/trainer/main.ts');

/** A folder of this test's own with a store in it; both go with `close`. */
export async function storage(): Promise<{ folder: string; store: FeedbackStore; close(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hindsight-training-'));
  const store = await openStore(path.join(folder, 'feedback.db'));
  return {
    folder,
    store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A round small enough for a test: few short steps. */
export function smallOptions(change: Partial<RoundOptions> = {}): RoundOptions {
  return {
    ...roundOptions(30),
    maxSteps: 12,
    rank: 4,
    alpha: 8,
    promptTokens: 64,
    feedbackTokens: 64,
    responseTokens: 24,
    replayTokens: 48,
    replayPerStep: 2,
    eventsPerStep: 4,
    ...change,
  };
}

const NAMES = [
  'save',
  'load',
  'send',
  'find',
  'merge',
  'split',
  'close',
  'open',
  'print',
  'apply',
  'fetch',
  'drop',
];

/** Corrections of one private convention at different places. */
export function corrections(count: number, change: Partial<LearningEvent> = {}): LearningEvent[] {
  return NAMES.slice(0, count).map((name, i) =>
    event({
      prefix: `export function ${name}(id) {\n  if (!id) {\n    `,
      suffix: '\n  }\n}\n',
      text: `console.warn('${name}', id);`,
      solution: `lg.emit(Level.Warn, '${name}', { id });`,
      path: `src/${name}${i}.ts`,
      uri: `file:///project/src/${name}${i}.ts`,
      ...change,
    }),
  );
}

/** Ordinary code, as in media/model/replay.json. */
export function replayRows(count: number): { text: string; path: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    path: `lib/part${i}.js`,
    text: Array.from(
      { length: 12 },
      (_, j) => `const value${j} = compute(${i}, ${j * i});\nreturn value${j};\n`,
    ).join(''),
  }));
}

export async function writeReplay(folder: string, count = 40): Promise<string> {
  const file = path.join(folder, 'replay.json');
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify({ rows: replayRows(count) }));
  return file;
}

/** Puts an event and its completion into the store, as capture would. */
export async function capture(store: FeedbackStore, one: LearningEvent): Promise<number> {
  const { completionId, createdAt, uri, path, languageId, prefix, suffix } = one;
  const { promptIds, responseIds, responseLogProbs, text } = one;
  const offered = {
    createdAt,
    uri,
    path,
    languageId,
    prefix,
    suffix,
    promptIds,
    responseIds,
    responseLogProbs,
    text,
  };
  await store.completions.insert(completion(completionId, { ...offered, modelHash: 'test' }));
  return store.events.put(learningEvent(completionId, one));
}
