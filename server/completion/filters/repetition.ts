import type { Filter } from './types';

const MAX_PERIOD = 80;
/** From this length on, three times are a loop; shorter pieces, as in a row of numbers, may come that often. */
const LONG_PERIOD = 16;
/** A piece that comes three times in a row within a line; rows of numbers and ruled lines may do so. */
const LOOP_IN_LINE = /(.{8,80}?)\1{2}/g;
/** Lines of a loop, and how often they must come in a row. */
const LOOPS = [
  [1, 3],
  [2, 2],
  [3, 2],
  [4, 2],
] as const;

/** Lines that mean nothing a second time: what is declared, imported or left. */
const ONCE =
  /^\s*(?:import|from|return|throw|raise|break|continue|const|let|var|use|using|#include|package|def|fn|func|function|class|interface|struct|enum|type|export)\b/;

/**
 * Small models fall into loops. A line that occurs three times in a row, or two to four lines that occur twice, are cut
 * where they come again; a text that repeats a piece within a line three times, or a short one at its end four times, is dropped whole.
 */
export const dropRepetition: Filter = (text, { prefix }) => {
  const lines = text.split('\n');
  // The first line counts with what stands before the cursor: that is how it comes again.
  const before = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const whole = lines.map((line, i) => (i === 0 ? before + line : line).trimEnd());
  for (let i = 1; i < lines.length; i++) {
    if (whole[i] === whole[i - 1] && ONCE.test(whole[i]!)) return lines.slice(0, i).join('\n');
    for (const [size, times] of LOOPS) {
      // Blocks that end alike, one within the other, differ by how far in they are.
      const said = (from: number) =>
        whole.slice(from, from + size).map((line) => (size === 1 ? line.trim() : line));
      const again = (n: number) => said(i + n * size).join('\n');
      const piece = said(i - size).join('\n');
      if (i < size || !/\w/.test(piece)) continue;
      if (Array.from({ length: times - 1 }, (_, n) => again(n)).every((other) => other === piece)) {
        return lines.slice(0, i).join('\n');
      }
    }
  }
  for (const { 1: piece } of text.matchAll(LOOP_IN_LINE)) if (/[A-Za-z]/.test(piece!)) return null;
  for (let period = 3; period <= MAX_PERIOD; period++) {
    const repeats = period < LONG_PERIOD ? 4 : 3;
    if (text.length < period * repeats) continue;
    const piece = text.slice(-period);
    if (piece.trim() !== '' && text.endsWith(piece.repeat(repeats))) return null;
  }
  return text;
};
