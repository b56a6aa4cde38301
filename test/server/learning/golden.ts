import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadTokenizer } from '../../../server/model/tokenizer/tokenizer';
import type { Tokenizer } from '../../../server/model/types';
import { ROOT } from '../../root';

/** Folder of the golden cases: the repository's copy, or the place they came from. */
export function goldenFolder(name: string): string {
  const root = ROOT;
  const places = [path.join(root, 'test/fixtures/golden'), path.join(root, '../shared/golden')];
  const found = places.map((place) => path.join(place, name)).find(existsSync);
  if (!found) throw new Error(`Golden case ${name} is missing; looked in test/fixtures/golden.`);
  return found;
}

/** A golden model's tokenizer alone, without a model. */
export function goldenTokenizer(name: string): Tokenizer {
  const folder = goldenFolder(name);
  const { vocab_size } = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8'));
  return loadTokenizer(folder, vocab_size);
}
