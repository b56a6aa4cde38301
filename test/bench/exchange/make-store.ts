/**
 * A feedback store with corrections of one convention, to try exports on.
 *
 *   node --require tsx/cjs test/bench/exchange/make-store.ts FOLDER [COUNT]
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openStore } from '../../../server/store/store';
import { completion, learningEvent } from '../../server/store/records';
import { corrections } from '../../server/training/fixtures';

async function main([folder, count = '12']: string[]): Promise<void> {
  if (!folder) throw new Error('Name a folder for the store.');
  mkdirSync(folder, { recursive: true });
  const store = await openStore(path.join(folder, 'feedback.db'));
  for (const [i, one] of corrections(Number(count)).entries()) {
    const { completionId, uri, path: file, languageId, prefix, suffix, text } = one;
    await store.completions.insert(
      completion(completionId, { uri, path: file, languageId, prefix, suffix, text, createdAt: Date.now() }),
    );
    const kind = i % 3 === 0 ? ('rejected' as const) : ('accepted' as const);
    const seen = { completionId, confidence: 'observed' as const, at: Date.now(), acceptedLength: null };
    await store.outcomes.insert({ ...seen, kind });
    await store.events.put(
      learningEvent(completionId, { ...one, output: 'TypeError: console is not defined' }),
    );
  }
  await store.close();
}

void main(process.argv.slice(2));
