/** `hindsight fix-test`: make a failing test pass by changing a range of lines. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import { fixTest } from '../fixing/fix-test';
import { type FixProgress, type FixResult, type LineRange, STRATEGIES, type Strategy } from '../fixing/types';
import { openModel } from '../model/open';
import type { OpenModelOptions } from '../model/types';
import { embeddedModel } from './installation';
import { deviceOption, modelHelp } from './model-options';
import { print, UsageError, wholeNumber } from './outcome';

interface Options {
  command: string;
  file: string;
  range: LineRange;
  root?: string;
  maxSeconds: number;
  runSeconds: number;
  attempts: number;
  strategy: Strategy;
  seed: number;
  model?: string;
  device: NonNullable<OpenModelOptions['device']>;
  threads: number;
  progress?: boolean;
  json?: boolean;
}

/** Attempts that are drawn together: they share the weights' reading. */
const PER_STEP = 8;

export function fixTestCommand(): Command {
  return new Command('fix-test')
    .description(
      'make a failing test pass by changing a range of lines; prints the change, your files stay as they are',
    )
    .requiredOption('--command <command>', 'what runs the test; it runs in a copy of the project')
    .requiredOption('--file <file>', 'the file that may change')
    .requiredOption('--range <first:last>', 'its lines that may change, from 1, both included', lineRange)
    .option(
      '--root <dir>',
      'folder of the project (default: the nearest one above the file with .git, else here)',
    )
    .option('--max-seconds <n>', 'longest time of all', wholeNumber(1), 300)
    .option(
      '--run-seconds <n>',
      'longest time of one run of the command, and at most a quarter of all',
      wholeNumber(1),
      60,
    )
    .option('--attempts <n>', 'most attempts', wholeNumber(1), 64)
    .addOption(
      new Option('--strategy <name>', 'what is learned from failures')
        .choices([...STRATEGIES])
        .default(STRATEGIES[0]),
    )
    .option('--seed <n>', 'of the samples', wholeNumber(0), 1)
    .option('--model <path>', `${modelHelp} (default: the embedded model)`)
    .addOption(deviceOption())
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--progress', 'write progress to stderr, one JSON object a line')
    .option('--json', 'print one JSON object')
    .action(run);
}

function lineRange(text: string): LineRange {
  const [, first, last] = /^(\d+):(\d+)$/.exec(text.trim()) ?? [];
  if (first === undefined || Number(first) < 1 || Number(last) < Number(first))
    throw new UsageError(`"${text}" must be two line numbers, the first and the last: for instance 12:18.`);
  return { first: Number(first), last: Number(last) };
}

async function run(options: Options): Promise<void> {
  const file = path.resolve(options.file);
  if (!existsSync(file) || !statSync(file).isFile())
    throw new UsageError(`${options.file} is no file: name the one that may change.`);
  if (options.command.trim() === '') throw new UsageError('--command is empty: give what runs the test.');
  const root = options.root === undefined ? projectOf(file) : path.resolve(options.root);
  const here = process.cwd();
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  // Of the language server, where that started this.
  process.once('disconnect', interrupt);
  const model = await openModel(options.model ?? embeddedModel(), options);
  try {
    const result = await fixTest(
      {
        ...options,
        root,
        file,
        cwd: isWithin(root, here) ? here : root,
        perStep: Math.min(PER_STEP, options.attempts),
      },
      { model, signal: abort.signal, progress: progressTo(options) },
    );
    if (process.stderr.isTTY && !options.progress) process.stderr.write('\r\x1b[K');
    for (const notice of result.notices) process.stderr.write(`hindsight: ${notice}\n`);
    print(result, options.json, () => lines(result));
    if (!result.found) process.exitCode = 1;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('disconnect', interrupt);
    await model.close();
  }
}

const isWithin = (root: string, folder: string) => !path.relative(root, folder).startsWith('..');

/** The nearest folder above a file that has a repository, else the current one where the file is in it, else the file's. */
function projectOf(file: string): string {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git'))) return folder;
    if (folder === path.dirname(folder)) break;
  }
  return isWithin(process.cwd(), file) ? process.cwd() : path.dirname(file);
}

function progressTo({ progress }: Options): (told: FixProgress) => void {
  return (told) => {
    if (progress) process.stderr.write(`${JSON.stringify(told)}\n`);
    else if (process.stderr.isTTY)
      process.stderr.write(
        `\r\x1b[K${told.attempts} of ${told.of} attempts${passedOf(told)}: ${told.message}`,
      );
  };
}

const passedOf = ({ testsPassed, tests }: FixProgress) =>
  tests === null ? '' : `, ${testsPassed} of ${tests} tests passed`;

function lines({ found, message, diff }: FixResult): string[] {
  return [message, ...(found ? ['', diff.trimEnd()] : [])];
}
