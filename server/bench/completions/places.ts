/** Places of the public sets and of our own, in one shape. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../../cli/outcome';
import type { ProjectFile } from '../../prompt-context/types';
import type { BenchPlace } from './bench-place';
import { cursortabPlaces } from './cursortab';

export const SETS = ['humaneval-infilling', 'devbench', 'cursortab', 'own'] as const;
export type SetName = (typeof SETS)[number];

/**
 * @param data folder of the set's checkout; of our own set that of this project's
 * @throws UsageError where the set is not there
 */
export function readPlaces(set: SetName, data: string): BenchPlace[] {
  if (set === 'humaneval-infilling') return humanEval(data);
  if (set === 'devbench') return devBench(data);
  return set === 'cursortab' ? cursortabPlaces(found(data, 'server/eval/scenarios')) : own(data);
}

/** The set's file or folder below its checkout, or the path itself where it names that. */
function found(data: string, inside: string): string {
  const below = join(data, inside);
  if (existsSync(below)) return below;
  if (!existsSync(data))
    throw new UsageError(`${data} is not there. Give the folder of the set with --data.`);
  return data;
}

function rows<T>(file: string): T[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);
}

const indentOf = (text: string): string => /^[ \t]*/.exec(text)![0];

interface HumanEvalRow {
  task_id: string;
  entry_point: string;
  prompt: string;
  suffix: string;
  canonical_solution: string;
  test: string;
}

/** Single lines; the cursor stands behind the indentation, where an editor puts it. */
function humanEval(data: string): BenchPlace[] {
  const file = found(data, 'data/HumanEval-SingleLineInfilling.jsonl.gz');
  return rows<HumanEvalRow>(file).map((row) => {
    const { canonical_solution: line, suffix } = row;
    const prefix = row.prompt + indentOf(line);
    // The line went with its line break; the empty line at the cursor keeps one.
    const below = line.endsWith('\n') ? `\n${suffix}` : suffix;
    const place = { path: 'solution.py', languageId: 'python', prefix, suffix: below, files: [], edits: [] };
    const program = { before: prefix, after: `${below}\n${row.test}\ncheck(${row.entry_point})\n` };
    return { id: row.task_id, group: 'python', ...place, wanted: line.trim(), program };
  });
}

interface DevBenchRow {
  id: string;
  prefix: string;
  suffix: string;
  golden_completion: string;
}

const DEVBENCH = { typescript: 'index.ts', javascript: 'index.js', python: 'main.py' } as const;

function devBench(data: string): BenchPlace[] {
  const folder = found(data, 'benchmark');
  return Object.entries(DEVBENCH).flatMap(([language, path]) =>
    readdirSync(join(folder, language))
      .sort()
      .flatMap((category) =>
        rows<DevBenchRow>(join(folder, language, category, `${category}.jsonl`)).map((row) => {
          const atLineStart = row.prefix.endsWith('\n') && !row.golden_completion.startsWith('\n');
          const indentation = atLineStart ? indentOf(row.golden_completion) : '';
          return {
            id: `${language}/${category}/${row.id}`,
            group: language,
            path,
            languageId: language,
            prefix: row.prefix + indentation,
            suffix: row.suffix,
            files: [],
            edits: [],
            wanted: row.golden_completion.slice(indentation.length),
          };
        }),
      ),
  );
}

interface OwnFile extends ProjectFile {
  repository: string;
}

interface OwnPlace {
  id: string;
  repository: string;
  path: string;
  line: number;
  column: number;
  kind: string;
  removed: string;
  cross?: boolean;
  quiet?: string;
}

function own(data: string): BenchPlace[] {
  const folder = found(data, 'test/fixtures/completion-places');
  const files = rows<OwnFile>(join(folder, 'files.jsonl'));
  return rows<OwnPlace>(join(folder, 'places.jsonl')).map((place) => {
    const { id, path, line, column, removed, quiet, kind } = place;
    const beside = files.filter((file) => file.repository === place.repository);
    const { text } = beside.find((file) => file.path === path)!;
    const offset =
      text
        .split('\n')
        .slice(0, line - 1)
        .reduce((sum, one) => sum + one.length + 1, 0) +
      column -
      1;
    return {
      id,
      group: quiet === undefined ? `${kind}${place.cross ? ', name of another file' : ''}` : 'quiet',
      path,
      languageId: '',
      prefix: text.slice(0, offset),
      suffix: text.slice(offset + removed.length),
      files: beside
        .filter((file) => file.path !== path)
        .map((file) => ({ path: file.path, text: file.text })),
      edits: [],
      wanted: quiet === undefined ? removed : null,
    };
  });
}
