import type { Filter } from './index';

const MAX_PERIOD = 24;
const REPEATS = 4;

/**
 * Small models fall into loops. A line that occurs three times in a row is cut at its second occurrence; a text whose
 * end repeats a piece of up to 24 characters four times is dropped whole.
 */
export const dropRepetition: Filter = (text) => {
  const lines = text.split('\n');
  for (let i = 2; i < lines.length; i++) {
    const line = lines[i]!.trim();
    if (line !== '' && line === lines[i - 1]!.trim() && line === lines[i - 2]!.trim()) {
      return lines.slice(0, i - 1).join('\n');
    }
  }
  for (let period = 3; period <= MAX_PERIOD; period++) {
    if (text.length < period * REPEATS) break;
    const piece = text.slice(-period);
    if (piece.trim() !== '' && text.endsWith(piece.repeat(REPEATS))) return null;
  }
  return text;
};
