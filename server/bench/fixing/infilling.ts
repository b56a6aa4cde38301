/** HumanEval's infilling problems as small projects with a failing test. The data are given by a path and stay outside. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Problem } from '../../fixing/problem';

/** A line of github.com/openai/human-eval-infilling's data files. */
export interface Infilling {
  task_id: string;
  entry_point: string;
  /** Code before and after what is missing. */
  prompt: string;
  suffix: string;
  canonical_solution: string;
  test: string;
}

/** The command of every problem. */
export const COMMAND = 'python3 test_solution.py';

export function readInfilling(file: string): Infilling[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Infilling);
}

/** The problem with nothing but a placeholder in its place, which the first attempt replaces. */
export function openProblem({ prompt, suffix, canonical_solution: right }: Infilling): Problem {
  const indentation = /^[ \t]*/.exec(right)![0];
  return {
    path: 'solution.py',
    prefix: prompt,
    suffix: suffix === '' ? '' : `\n${suffix}`,
    failing: `${indentation}raise NotImplementedError('something is missing here')`,
    isCrlf: false,
  };
}

/**
 * Writes the project with `text` in the problem's place.
 * @returns the lines of the text, from 1
 */
export function writeProject(
  folder: string,
  one: Infilling,
  problem: Problem,
  text: string,
): { first: number; last: number } {
  mkdirSync(folder, { recursive: true });
  const { prefix, suffix } = problem;
  writeFileSync(path.join(folder, 'solution.py'), prefix + text + suffix);
  const test = [
    'import unittest',
    `from solution import ${one.entry_point}`,
    '',
    one.test,
    '',
    'class Solution(unittest.TestCase):',
    '    def test_solution(self):',
    `        check(${one.entry_point})`,
    '',
    'unittest.main()',
    '',
  ];
  writeFileSync(path.join(folder, 'test_solution.py'), test.join('\n'));
  const first = prefix.split('\n').length;
  return { first, last: first + text.split('\n').length - 1 };
}
