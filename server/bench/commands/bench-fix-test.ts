/** `hindsight bench fix-test`: how many problems are solved within k attempts, by what is learned from failures. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { embeddedModel } from '../../cli/installation';
import { deviceOption } from '../../cli/model-options';
import { print, UsageError, wholeNumber } from '../../cli/outcome';
import { fixTest } from '../../fixing/fix-test';
import type { LearnerOptions } from '../../fixing/learner';
import { Sampler } from '../../fixing/sampler';
import { STRATEGIES, type Strategy } from '../../fixing/types';
import { openModel } from '../../model/open';
import type { Model, OpenModelOptions } from '../../model/types';
import { COMMAND, type Infilling, openProblem, readInfilling, writeProject } from '../fixing/infilling';

interface Options {
  model?: string;
  data: string;
  out: string;
  strategies: Strategy[];
  problems: number;
  every: number;
  maxLines: number;
  attempts: number;
  perStep: number;
  maxSeconds: number;
  seeds: number;
  stopAfter: number;
  threads: number;
  device: NonNullable<OpenModelOptions['device']>;
  learning: Partial<LearnerOptions>;
  json?: boolean;
}

/** One search; of problems whose first attempt passes only `first`. */
interface Line {
  id: string;
  strategy: Strategy | 'first';
  seed: number;
  found: boolean;
  /** Samples drawn and seconds until it was found, or until the end. */
  attempts: number;
  seconds: number;
  steps: number;
}

export function benchFixTestCommand(): Command {
  return new Command('fix-test')
    .description(
      "problems of HumanEval's infilling whose first attempt fails: found within k attempts and within seconds",
    )
    .option('--model <path>', 'model folder or .gguf file (default: the embedded model)')
    .requiredOption('--data <file>', 'HumanEval-MultiLineInfilling.jsonl.gz of openai/human-eval-infilling')
    .requiredOption(
      '--out <file>',
      'where results go, one JSON object a line; what is there is not run again',
    )
    .option('--strategies <names>', STRATEGIES.join(','), namesOf, [...STRATEGIES])
    .option('--problems <n>', 'problems whose first attempt fails', wholeNumber(1), 20)
    .option('--every <n>', 'takes every n-th problem of the file', wholeNumber(1), 97)
    .option('--max-lines <n>', 'leaves out problems with more lines missing', wholeNumber(1), 1000)
    .option('--attempts <n>', 'most attempts', wholeNumber(1), 64)
    .option('--per-step <n>', 'attempts between steps', wholeNumber(1), 8)
    .option('--max-seconds <n>', 'longest time of one search', wholeNumber(1), 600)
    .option('--seeds <n>', 'searches of each problem and strategy', wholeNumber(1), 1)
    .option(
      '--stop-after <n>',
      'seconds after which no search is begun; run it again to go on',
      wholeNumber(1),
      3600,
    )
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--learning <json>', 'other settings of learning', (text) => JSON.parse(text) as object, {})
    .addOption(deviceOption())
    .option('--json', 'print one JSON object')
    .action(bench);
}

function namesOf(text: string): Strategy[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names)
    if (!STRATEGIES.includes(name as Strategy))
      throw new UsageError(`There is no strategy "${name}". Choose from: ${STRATEGIES.join(', ')}.`);
  return names as Strategy[];
}

async function bench(options: Options): Promise<void> {
  const began = performance.now();
  const timeIsUp = () => performance.now() - began > options.stopAfter * 1000;
  const known = existsSync(options.out) ? readLines(options.out) : [];
  const note = (line: Line) => {
    known.push(line);
    appendFileSync(options.out, `${JSON.stringify(line)}\n`);
  };
  const all = readInfilling(options.data)
    .filter(({ canonical_solution: right }) => right.trimEnd().split('\n').length <= options.maxLines)
    .filter((_, i) => i % options.every === 0);
  const model = await openModel(options.model ?? embeddedModel(), options);
  let taken = 0;
  try {
    for (const one of all) {
      if (taken >= options.problems || timeIsUp()) break;
      if (known.some(({ id, strategy, found }) => id === one.task_id && strategy === 'first' && found))
        continue;
      const failing = await withProject(one, async (folder) => {
        const text = await firstAttempt(model, one);
        const range = writeProject(folder, one, openProblem(one), text);
        if (await passesAlready(model, folder, range)) {
          note({
            id: one.task_id,
            strategy: 'first',
            seed: 0,
            found: true,
            attempts: 1,
            seconds: 0,
            steps: 0,
          });
          return false;
        }
        for (let seed = 1; seed <= options.seeds; seed++)
          for (const strategy of options.strategies) {
            const isKnown = known.some(
              (line) => line.id === one.task_id && line.strategy === strategy && line.seed === seed,
            );
            if (isKnown || timeIsUp()) continue;
            const job = { ...jobIn(folder, range), ...options, strategy, seed: seed * 1009, runSeconds: 10 };
            const result = await fixTest(job, { model, learning: options.learning });
            const { found, attempts, seconds, steps } = result;
            note({ id: one.task_id, strategy, seed, found, attempts, seconds, steps });
            process.stderr.write(`${one.task_id} ${strategy} ${seed}: ${result.message}\n`);
          }
        return true;
      });
      if (failing) taken += 1;
    }
  } finally {
    await model.close();
  }
  report(known, options, model.name);
}

const jobIn = (folder: string, range: { first: number; last: number }) => ({
  root: folder,
  file: path.join(folder, 'solution.py'),
  range,
  command: COMMAND,
  cwd: folder,
});

async function withProject<T>(one: Infilling, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hindsight-bench-'));
  try {
    return await use(path.join(folder, one.entry_point));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the model writes greedily. */
async function firstAttempt(model: Model, one: Infilling): Promise<string> {
  const decoder = await model.decoder();
  try {
    const sampler = new Sampler(model, decoder, openProblem(one));
    const draw = { count: 1, adapter: null, feedback: [], temperature: 0, seed: 1 };
    const [attempt] = await sampler.draw(draw);
    return attempt?.text.trim() ? attempt.text : openProblem(one).failing;
  } finally {
    await decoder.close();
  }
}

/** A search that may draw nothing ends at the run before it. */
async function passesAlready(
  model: Model,
  folder: string,
  range: { first: number; last: number },
): Promise<boolean> {
  const rest = {
    maxSeconds: 30,
    runSeconds: 10,
    attempts: 0,
    perStep: 1,
    strategy: 'none' as const,
    seed: 0,
  };
  try {
    await fixTest({ ...jobIn(folder, range), ...rest }, { model });
    return false;
  } catch (error) {
    if (/passes as it is/.test(String(error))) return true;
    throw error;
  }
}

function readLines(file: string): Line[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Line);
}

const KS = [1, 2, 4, 8, 16, 32, 64];
const SECONDS = [10, 30, 60, 120, 300];

function report(known: readonly Line[], options: Options, model: string): void {
  const complete = (id: string) =>
    options.strategies.every((strategy) =>
      known.some((line) => line.id === id && line.strategy === strategy),
    );
  const rows = options.strategies.map((strategy) => {
    const mine = known.filter((line) => line.strategy === strategy && complete(line.id));
    const share = (within: (line: Line) => boolean) =>
      mine.length === 0 ? null : mine.filter((line) => line.found && within(line)).length / mine.length;
    const ks = KS.filter((k) => k <= options.attempts);
    return {
      strategy,
      searches: mine.length,
      found: mine.filter(({ found }) => found).length,
      discovery: Object.fromEntries(ks.map((k) => [k, share(({ attempts }) => attempts <= k)])),
      within: Object.fromEntries(SECONDS.map((s) => [s, share(({ seconds }) => seconds <= s)])),
      seconds: mine.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  });
  const firsts = known.filter(({ strategy }) => strategy === 'first').length;
  print({ model, firstAttemptPasses: firsts, rows }, options.json, () => [
    `${model}: ${firsts} problems passed at the first attempt; of the others, found within k attempts, and within seconds:`,
    ...rows.map(
      ({ strategy, searches, discovery, within }) =>
        `  ${strategy.padEnd(13)} ${searches} searches  ${told(discovery)}  |  ${told(within, ' s')}`,
    ),
  ]);
}

const told = (shares: Record<string, number | null>, unit = '') =>
  Object.entries(shares)
    .map(([at, share]) => `${at}${unit}: ${share === null ? '–' : share.toFixed(2)}`)
    .join('  ');
