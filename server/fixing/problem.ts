/** The place that may change: a range of lines in a file, and what stands around it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { isTestFile } from '../capture/sources/test-code';
import type { FixJob } from './types';

export interface Problem {
  /** Relative to the root, with slashes. */
  path: string;
  /** With LF. */
  prefix: string;
  suffix: string;
  /** What stands in the range, without its last line break. */
  failing: string;
  isCrlf: boolean;
}

/** Longer files are cut by the prompt anyway; of this size they are not source code. */
const MOST_BYTES = 2_000_000;

/** @throws Error with one sentence where the range is not there or may not change */
export function readProblem(job: Pick<FixJob, 'root' | 'file' | 'range'>): Problem {
  const relative = path.relative(job.root, job.file);
  if (relative.startsWith('..') || path.isAbsolute(relative))
    throw new Error(`${job.file} lies outside of ${job.root}: run the command in the folder of the project.`);
  if (isTestFile(relative))
    throw new Error(
      `${relative} is a test's file, which must stay as it is: name a place in the code under test.`,
    );
  const bytes = read(job.file);
  if (bytes.length > MOST_BYTES) throw new Error(`${relative} is too large: 2 MB are the most.`);
  const whole = bytes.toString('utf8');
  const code = whole.replaceAll('\r\n', '\n');
  const lines = code.split('\n');
  const { first, last } = job.range;
  if (first < 1 || last < first || last > lines.length)
    throw new Error(
      `${relative} has ${lines.length} lines: the range ${first}:${last} is not among them. Give the first and the last line, from 1.`,
    );
  const before = lines.slice(0, first - 1);
  const after = lines.slice(last);
  return {
    path: relative.split(path.sep).join('/'),
    prefix: before.length > 0 ? `${before.join('\n')}\n` : '',
    suffix: after.length > 0 ? `\n${after.join('\n')}` : '',
    failing: lines.slice(first - 1, last).join('\n'),
    isCrlf: whole.includes('\r\n'),
  };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(`${file} could not be read (${why}): name the file that the fix belongs to.`);
  }
}

/** The whole file with `text` in place of the range, with its own line breaks. */
export function fileWith({ prefix, suffix, isCrlf }: Problem, text: string): string {
  const code = prefix + text + suffix;
  return isCrlf ? code.replaceAll('\n', '\r\n') : code;
}

/** A unified diff that `git apply` and `patch -p1` take at the root. */
export function diffOf(problem: Problem, text: string): string {
  const [before, after] = [problem.failing, text].map((each) => problem.prefix + each + problem.suffix);
  if (before === after) return '';
  const patch = createTwoFilesPatch(`a/${problem.path}`, `b/${problem.path}`, before!, after!, '', '');
  return patch.slice(patch.indexOf('--- ')).replace(/^(---|\+\+\+ )(.*)\t$/gm, '$1$2');
}
