/** `hindsight bench learning`: objectives compared on a simulated developer with private conventions. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { embeddedModel, replayRows } from '../../cli/installation';
import { UsageError, wholeNumber } from '../../cli/outcome';
import { CorrectionIndex } from '../../completion/recall';
import { openModel } from '../../model/open';
import type { LearningEvent } from '../../store/records';
import { objectiveNamed } from '../../training/objectives';
import { readReplayPool } from '../../training/round/replay-pool';
import { type Bench, type Cell, type CellResult, runCell, UNTRAINED } from '../learning/benchmark';
import type { FeedbackMode } from '../learning/developer';
import { frontier } from '../learning/frontier';
import { table } from '../learning/report';
import { EXPERIMENTS } from '../objectives';

interface Options {
  model?: string;
  objectives: string;
  arms?: string;
  events: string;
  feedback: string;
  seeds: number;
  firstSeed: number;
  maxSeconds: number;
  maxSteps?: number;
  places: number;
  threads: number;
  set: string;
  out?: string;
  svg?: string;
  reportOnly?: boolean;
  json?: boolean;
}

const MODES: FeedbackMode[] = ['text', 'output', 'words', 'text+output'];
const DEFAULT_OBJECTIVES =
  'none,retrieval,sft,sft-anchor,distil-kept,mix,sdpo,sdpo-forward,sdpo-teacher,sdpo-shuffled,sdft,grpo,default';

export function benchLearningCommand(): Command {
  return new Command('learning')
    .description('compare objectives on a simulated developer with private conventions')
    .option('--model <path>', 'a model: folder or .gguf file (default: the embedded model)')
    .option(
      '--objectives <names>',
      `comma-separated, of: ${[...UNTRAINED, ...EXPERIMENTS.map(({ name }) => name)].join(', ')}`,
      DEFAULT_OBJECTIVES,
    )
    .addOption(new Option('--arms <names>', 'the same').hideHelp())
    .option('--events <counts>', 'numbers of corrections', '40')
    .option('--feedback <modes>', `what the developer gives: ${MODES.join(', ')}`, 'text')
    .option('--seeds <n>', 'projects per cell', wholeNumber(1), 3)
    .option('--first-seed <n>', 'seed of the first', wholeNumber(0), 1)
    .option('--max-seconds <n>', 'seconds of training per cell', wholeNumber(1), 90)
    .option('--max-steps <n>', 'steps per cell (default: as many as a round of the product)', wholeNumber(1))
    .option('--places <n>', 'later places of each convention, of either kind', wholeNumber(1), 4)
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--set <json>', 'changes to the options of a round', '{}')
    .option(
      '--out <file>',
      'results as JSON lines, here instead of on stdout; cells that are there already are not run again',
    )
    .option('--svg <file>', 'the frontier as a picture')
    .option('--report-only', 'run nothing: table and picture of all that --out holds')
    .option('--json', 'print the results as JSON lines also where they go to a file')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const results: CellResult[] = options.out && existsSync(options.out) ? readResults(options.out) : [];
  if (options.reportOnly) {
    if (results.length === 0)
      throw new UsageError('There is nothing to report: name a file of results with --out.');
    return report(results, options);
  }
  const cells = cellsOf(options);
  // As the trainer opens it.
  const { threads } = options;
  const model = await openModel(options.model ?? embeddedModel(), { threads, trainingPrecision: 'auto' });
  const bench: Bench = {
    model,
    pool: await readReplayPool(replayRows(), [], 1),
    maxSeconds: options.maxSeconds,
    maxSteps: options.maxSteps ?? null,
    perConvention: options.places,
    options: JSON.parse(options.set),
    recall,
  };
  try {
    for (const cell of cells) {
      if (results.some((result) => sameCell(result, cell))) continue;
      const result = await runCell(bench, cell);
      results.push(result);
      const told = `${JSON.stringify(result)}\n`;
      if (options.out) appendFileSync(options.out, told);
      if (!options.out || options.json) process.stdout.write(told);
      process.stderr.write(`${line(result)}\n`);
    }
  } finally {
    await model.close();
  }
  report(
    results.filter((result) => cells.some((cell) => sameCell(result, cell))),
    options,
  );
}

/** The table goes where the lines do not. */
function report(results: CellResult[], { svg, json, out }: Options): void {
  if (svg) writeFileSync(svg, frontier(results, 'Learning against forgetting'));
  const to = out && !json ? process.stdout : process.stderr;
  to.write(`${table(results)}\n`);
}

function cellsOf(options: Options): Cell[] {
  const list = (text: string) => text.split(',').map((one) => one.trim());
  const objectives = list(options.arms ?? options.objectives);
  for (const name of objectives) if (!UNTRAINED.includes(name)) objectiveNamed(name, EXPERIMENTS);
  const modes = list(options.feedback) as FeedbackMode[];
  const unknown = modes.find((mode) => !MODES.includes(mode));
  if (unknown) throw new UsageError(`There is no feedback "${unknown}". Choose from: ${MODES.join(', ')}.`);
  const counts = list(options.events).map(wholeNumber(1));
  const seeds = Array.from({ length: options.seeds }, (_, i) => options.firstSeed + i);
  return seeds.flatMap((seed) =>
    modes.flatMap((feedback) =>
      counts.flatMap((events) => objectives.map((objective) => ({ objective, feedback, events, seed }))),
    ),
  );
}

function recall(
  events: readonly LearningEvent[],
): (place: { languageId: string; prefix: string }) => string | null {
  const index = new CorrectionIndex();
  for (const { id, languageId, path, prefix, suffix, solution } of events) {
    if (solution !== null) index.add({ id, languageId, path, prefix, suffix, solution });
  }
  return (place) => index.recall(place);
}

function sameCell(a: Cell, b: Cell): boolean {
  const { objective, feedback, events, seed } = b;
  return a.objective === objective && a.feedback === feedback && a.events === events && a.seed === seed;
}

function readResults(file: string): CellResult[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((text) => text.trim() !== '');
  return lines.map((text) => JSON.parse(text) as CellResult);
}

function line(result: CellResult): string {
  const { objective, feedback, events, seed, before, bitsPerByte, steps, seconds, samples } = result;
  const pair = (pick: (figures: Pick<CellResult, 'near' | 'far'>) => number) =>
    `${pick(before).toFixed(2)} → ${pick(result).toFixed(2)}`;
  return (
    `${objective}, ${feedback}, ${events} corrections, seed ${seed}: ` +
    `near ${pair(({ near }) => near.logProb)} exact ${pair(({ near }) => near.exact)}, ` +
    `far ${pair(({ far }) => far.logProb)} exact ${pair(({ far }) => far.exact)}, ` +
    `forgetting ${(bitsPerByte.after - bitsPerByte.before).toFixed(4)}, ` +
    `${steps} steps, ${seconds.toFixed(0)} s, ${samples} samples (${result.verdict})`
  );
}
