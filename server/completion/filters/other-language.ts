import type { Filter } from './types';

const family = (names: string) => new Set(names.split(' '));
const PYTHON = family('py pyi python');
const SCRIPT = family('js cjs mjs jsx ts cts mts tsx javascript javascriptreact typescript typescriptreact');

/** What another language begins a line with; of each line its first two hundred characters are looked at. */
const FOREIGN: readonly { of: Set<string>; signs: RegExp }[] = [
  {
    of: PYTHON,
    signs:
      /^\s{0,80}(?:(?:const|let|var|function|export|public|private|func|fn)\s|\/\/|\/\*|(?:if|for|while|switch)\s{0,2}\(.{0,120}\)\s{0,2}\{|\}\s{0,2}(?:else\b|catch\b|$)|console\.|#include\b|use\s\w{1,40}::)|===|=>\s{0,2}\{|&&\s|\|\|\s|;\s{0,2}$/,
  },
  {
    of: SCRIPT,
    signs:
      /^\s{0,80}(?:def\s\w{1,80}\s{0,2}\(|elif\b|from\s[\w.]{1,80}\simport\s|print\s{0,2}\((?:f['"]|.{0,80}%)|#\s|#include\b|package\smain|func\s\w{1,80}\(|fn\s\w{1,80}|pub\s(?:fn|struct)\b|(?:if|for|while|class|else|try)\b[^{}()]{0,80}:\s{0,2}$)|\bself\.\w|\bNone\b(?!['"])|:=\s/,
  },
];

const MOST = 200;

/** Nothing of another language than the file's, where a grammar would not tell or there is none. */
export const dropOtherLanguage: Filter = (text, { path = '', languageId = '' }) => {
  const ending = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const found = FOREIGN.find(({ of }) => of.has(ending) || (!path.includes('.') && of.has(languageId)));
  if (!found) return text;
  const lines = text.split('\n');
  const foreign = lines.findIndex((line) => found.signs.test(line.slice(0, MOST)));
  if (foreign < 0) return text;
  // What stands above it may be right.
  return foreign === 0 ? null : lines.slice(0, foreign).join('\n').trimEnd();
};
