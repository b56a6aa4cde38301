/** A git history as a simulated developer: what each commit added is what was kept there. */

import { type Random, random } from '../../base/random';
import { commentMark } from '../../syntax/comment-syntax';
import { git } from '../../workspace/git-command';
import type { Spot } from './benchmark';

export interface HistorySpot extends Spot {
  commit: string;
  languageId: string;
}

const LANGUAGES: Record<string, string> = {
  ts: 'typescript',
  tsx: 'typescript',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascript',
  py: 'python',
  go: 'go',
  rs: 'rust',
  java: 'java',
  rb: 'ruby',
};
/** Files longer than this are seldom written by hand. */
const MOST_CHARACTERS = 200_000;

/**
 * Lines of code that the last commits added, oldest commit first, each with the file around it as the commit left it.
 * @param perCommit lines taken of one commit at most
 * @throws Error with one sentence where the folder is no git repository
 */
export async function historySpots(
  repository: string,
  commits: number,
  perCommit: number,
  seed = 1,
): Promise<HistorySpot[]> {
  const hashes = (await git(repository, ['log', '--no-merges', '--format=%H', '-n', String(commits)]))
    .split('\n')
    .filter(Boolean)
    .reverse();
  const source = random(seed);
  const spots: HistorySpot[] = [];
  for (const commit of hashes) {
    const added = addedLines(
      await git(repository, ['show', '--unified=0', '--no-color', '--no-ext-diff', '--format=', commit]),
    );
    const chosen = source.shuffle(added.filter(isWorthIt)).slice(0, perCommit);
    spots.push(...(await inFiles(repository, commit, chosen, source)));
  }
  return spots;
}

interface Added {
  path: string;
  /** From 1, in the file as the commit left it. */
  line: number;
  text: string;
}

/** Added lines of a `git show --unified=0`. */
export function addedLines(patch: string): Added[] {
  const found: Added[] = [];
  let path = '';
  let line = 0;
  for (const text of patch.split('\n')) {
    const file = /^\+\+\+ (?:b\/(.*)|\/dev\/null)$/.exec(text);
    const hunk = /^@@ -\S+ \+(\d+)/.exec(text);
    if (file) path = file[1] ?? '';
    else if (hunk) line = Number(hunk[1]);
    else if (text.startsWith('+') && path) found.push({ path, line: line++, text: text.slice(1) });
  }
  return found;
}

function isWorthIt({ path, text }: Added): boolean {
  const ending = path.slice(path.lastIndexOf('.') + 1);
  const code = text.trim();
  return (
    ending in LANGUAGES &&
    !/(^|\/)(node_modules|dist|vendor|build)\//.test(path) &&
    code.length >= 10 &&
    code.length <= 100 &&
    /[=({;:]/.test(code) &&
    !code.startsWith(commentMark(path)) &&
    !/^(\*|\/\*|import |from |export \{|["'`])/.test(code)
  );
}

async function inFiles(
  repository: string,
  commit: string,
  added: Added[],
  source: Random,
): Promise<HistorySpot[]> {
  const files = new Map<string, string[]>();
  const spots: HistorySpot[] = [];
  for (const { path, line, text } of added) {
    let lines = files.get(path);
    if (!lines) {
      const content = await git(repository, ['show', `${commit}:${path}`]);
      lines = content.length > MOST_CHARACTERS ? [] : content.split('\n');
      files.set(path, lines);
    }
    if (lines[line - 1] !== text) continue;
    const indent = /^\s*/.exec(text)![0].length;
    // Half of the time at the line's start, else after its first word, as completions are asked for.
    const word = /^\s*\S+\s/.exec(text)?.[0].length ?? indent;
    const cursor = source.next() < 0.5 ? indent : Math.min(word, text.length - 4);
    const before = lines.slice(0, line - 1).join('\n');
    spots.push({
      commit,
      path,
      languageId: LANGUAGES[path.slice(path.lastIndexOf('.') + 1)]!,
      prefix: `${before}${line > 1 ? '\n' : ''}${text.slice(0, cursor)}`,
      right: text.slice(cursor),
      suffix: `\n${lines.slice(line).join('\n')}`,
    });
  }
  return spots;
}
