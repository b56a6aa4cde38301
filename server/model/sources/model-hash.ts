/** What tells one model's weights from another's. */
import { createHash } from 'node:crypto';
import { type ContentHashOptions, contentHash } from '../files/content-hash';
import type { ModelSource } from './source';

/** SHA-256 of the description and of every byte of the weight files, first 16 hex digits. */
export async function modelHash(
  { description, weights }: ModelSource,
  options?: ContentHashOptions,
): Promise<string> {
  const hash = createHash('sha256').update(`weights ${description.length} ${description}`);
  for (const { path } of weights.files) hash.update(await contentHash(path, options));
  return hash.digest('hex').slice(0, 16);
}
