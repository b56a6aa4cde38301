/** Real files to look at completions in. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { SourceFile } from './places';

const LANGUAGES: Record<string, string> = {
  '.ts': 'typescript',
  '.tsx': 'typescript',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.py': 'python',
};
const MOST_BYTES = 60_000;

/**
 * `count` files of a folder, or of the `held.jsonl` that recipe/corpus.py writes: the languages in turn, spread over the
 * packages; the same ones each time.
 * @throws Error with one sentence where there is none of some length
 */
export function chosenFiles(source: string, count: number): SourceFile[] {
  return choose(sources(source), count);
}

function sources(from: string): SourceFile[] {
  const files = from.endsWith('.jsonl')
    ? fromLines(from)
    : statSync(from).isDirectory()
      ? fromFolder(from)
      : [];
  const usable = files.filter(
    ({ path: name, text }) =>
      !/\.d\.[mc]?ts$/.test(name) && text.length < MOST_BYTES && text.split('\n').length > 60,
  );
  if (usable.length === 0)
    throw new Error(`${from} holds no TypeScript, JavaScript or Python file of some length.`);
  return usable;
}

function fromLines(file: string): SourceFile[] {
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return rows
    .filter(({ language }) => Object.values(LANGUAGES).includes(language))
    .map((row) => ({ path: `${row.package}/${row.path}`, languageId: row.language, text: row.text }));
}

function fromFolder(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => LANGUAGES[path.extname(name)] && !name.includes('node_modules'))
    .sort()
    .map((name) => ({
      path: name,
      languageId: LANGUAGES[path.extname(name)]!,
      text: readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n'),
    }));
}

function choose(files: SourceFile[], count: number): SourceFile[] {
  const groups = [...new Set(Object.values(LANGUAGES))].map((id) => files.filter((f) => f.languageId === id));
  const filled = groups.filter((group) => group.length > 0);
  const each = Math.ceil(count / filled.length);
  const picked = filled.map((group) =>
    Array.from(
      { length: Math.min(each, group.length) },
      (_, i) => group[Math.floor(((i + 0.5) / each) * group.length)]!,
    ),
  );
  return Array.from({ length: each }, (_, i) => picked.flatMap((group) => group[i] ?? []))
    .flat()
    .slice(0, count);
}
