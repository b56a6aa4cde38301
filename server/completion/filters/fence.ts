import type { Filter } from './types';

const FENCE = '```';

/**
 * Cuts before the line that ends a block of Markdown, which models that were taught to chat write behind code. Where the file
 * has such lines itself they are code.
 */
export const cutFence: Filter = (text, { prefix, suffix, languageId }) => {
  if (!text.includes(FENCE) || languageId === 'markdown') return text;
  if (prefix.includes(FENCE) || suffix.includes(FENCE)) return text;
  const lines = text.split('\n');
  const fence = lines.findIndex((line) => line.trimStart().startsWith(FENCE));
  if (fence < 0) return text;
  return fence === 0 ? null : lines.slice(0, fence).join('\n');
};
