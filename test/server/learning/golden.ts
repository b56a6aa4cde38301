import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import type { Tokenizer } from '../../../server/model/types';

/** Folder of the golden cases: the repository's copy, or the place they came from. */
export function goldenFolder(name: string): string {
  const root = path.resolve(__dirname, '../../..');
  const places = [path.join(root, 'test/fixtures/golden'), path.join(root, '../shared/golden')];
  const found = places.map((place) => path.join(place, name)).find(existsSync);
  if (!found) throw new Error(`Golden case ${name} is missing; looked in test/fixtures/golden.`);
  return found;
}

/** A golden model's tokenizer alone, without a model. */
export function goldenTokenizer(name: string): Tokenizer {
  const folder = goldenFolder(name);
  const json = (file: string) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
  const description = json('tokenizer.json');
  const inner = new HuggingFaceTokenizer(description, json('tokenizer_config.json'));
  const special: { id: number; content: string }[] = description.added_tokens;
  return {
    encode: (text) => inner.encode(text, { add_special_tokens: false }).ids,
    decode: (ids) => inner.decode([...ids], { skip_special_tokens: false }),
    specialId: (token) => special.find(({ content }) => content === token)?.id,
    specialIds: () => special.map((token) => token.id),
    vocabularySize: Object.keys(description.model.vocab).length + special.length,
  };
}
