/** `hindsight bench completions`: what is offered at places of public sets and of our own, and how often it is right. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { embeddedModel } from '../../cli/installation';
import { UsageError, wholeNumber } from '../../cli/outcome';
import { contextOption } from '../../cli/place-context';
import { openModel } from '../../model/open';
import { ALL_KINDS } from '../../prompt-context/gather';
import type { ContextKind } from '../../prompt-context/types';
import { defaultSettings } from '../../protocol/settings';
import { Grammars } from '../../syntax/grammars';
import type { BenchPlace } from '../completions/bench-place';
import { readPlaces, SETS, type SetName } from '../completions/places';
import { figures, table } from '../completions/report';
import { type BenchResult, runPlace } from '../completions/run';

interface Options {
  model?: string;
  set: SetName;
  data?: string;
  every: number;
  limit?: number;
  context: ContextKind[];
  contextTokens?: number;
  maxTokens: number;
  maxSeconds?: number;
  threads: number;
  out?: string;
  reportOnly?: boolean;
  json?: boolean;
}

export function benchCompletionsCommand(): Command {
  return new Command('completions')
    .description('complete places of a set, and count what is shown, right, and rightly not shown')
    .option('--model <path>', 'a model: folder or .gguf file (default: the embedded model)')
    .addOption(new Option('--set <name>', 'places').choices([...SETS]).default('own'))
    .option(
      '--data <dir>',
      'checkout of the set (openai/human-eval-infilling, microsoft/devbench, cursortab/cursortab.nvim); of our own this one',
    )
    .option('--every <n>', 'only every n-th place', wholeNumber(1), 1)
    .option('--limit <n>', 'so many places at most', wholeNumber(1))
    .addOption(contextOption())
    .option('--context-tokens <n>', 'most tokens of the context', wholeNumber(0))
    .option(
      '--max-tokens <n>',
      'most tokens to generate',
      wholeNumber(1),
      defaultSettings.completions.maxTokens,
    )
    .option(
      '--max-seconds <n>',
      'stop after so many seconds; with --out the next call goes on',
      wholeNumber(1),
    )
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--out <file>', 'results as JSON lines; places that are there already are not run again')
    .option('--report-only', 'run nothing: the figures of what --out holds')
    .option('--json', 'print the figures as JSON lines')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { set, out, every, limit } = options;
  if (options.data === undefined && set !== 'own')
    throw new UsageError(`Name the checkout of ${set} with --data: the set is no part of this project.`);
  const done = out !== undefined && existsSync(out) ? readResults(out) : [];
  if (!options.reportOnly) {
    const all = readPlaces(set, options.data ?? checkout())
      .filter((_, i) => i % every === 0)
      .slice(0, limit);
    await complete(options, all, done);
  }
  if (done.length === 0)
    throw new UsageError('There is nothing to report: name a file of results with --out.');
  const each = figures(done);
  process.stdout.write(
    options.json ? `${each.map((one) => JSON.stringify(one)).join('\n')}\n` : `${table(each)}\n`,
  );
}

/** Completes what is not done yet, and adds it to `done`. */
async function complete(options: Options, all: readonly BenchPlace[], done: BenchResult[]): Promise<void> {
  const known = new Set(done.map(({ id }) => id));
  const todo = all.filter(({ id }) => !known.has(id));
  if (todo.length === 0) return;
  const until = performance.now() + (options.maxSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const { precision, device } = defaultSettings.model;
  const model = await openModel(options.model ?? embeddedModel(), {
    precision,
    device,
    threads: options.threads,
  });
  try {
    const by = { model, decoder: await model.decoder(), grammars: new Grammars() };
    if (options.out && done.length === 0) writeFileSync(options.out, '');
    const kinds =
      options.context.length === 0 ? [] : ALL_KINDS.filter((kind) => options.context.includes(kind));
    for (const place of todo) {
      if (performance.now() > until) break;
      const result = await runPlace(by, place, { ...options, kinds });
      done.push(result);
      if (options.out) appendFileSync(options.out, `${JSON.stringify(result)}\n`);
    }
    process.stderr.write(`${done.length} of ${all.length} places.\n`);
  } finally {
    await model.close();
  }
}

/** The project's own folder: the bundle and the sources of this file lie at different depths in it. */
function checkout(): string {
  const levels = ['..', '../../..'].map((up) => resolve(__dirname, up));
  return (
    levels.find((folder) => existsSync(resolve(folder, 'test/fixtures/completion-places'))) ?? levels[0]!
  );
}

function readResults(file: string): BenchResult[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as BenchResult);
}
