/** `hindsight bench learning`: the arms compared on a simulated developer with private conventions. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { embeddedModel, replayRows } from '../../cli/installation';
import { print, UsageError, wholeNumber } from '../../cli/outcome';
import { CorrectionIndex } from '../../completion/recall';
import { openModel } from '../../model/open';
import type { LearningEvent } from '../../store/records';
import { ARMS, armNamed } from '../../training/objectives/objectives';
import { readReplayPool } from '../../training/round/replay-pool';
import { type Bench, type Cell, type CellResult, runCell } from '../learning/benchmark';
import type { FeedbackMode } from '../learning/developer';
import { frontier } from '../learning/frontier';
import { table } from '../learning/report';

interface Options {
  model?: string;
  arms: string;
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
const DEFAULT_ARMS =
  'none,retrieval,sft,sft-anchor,distil-kept,mix,sdpo,sdpo-forward,sdpo-teacher,sdpo-shuffled,sdft,grpo,default';

export function benchLearningCommand(): Command {
  return new Command('learning')
    .description('compare objectives on a simulated developer with private conventions')
    .option('--model <dir>', 'model folder (default: the embedded model)')
    .option(
      '--arms <names>',
      `comma-separated, of: none, retrieval, ${Object.keys(ARMS).join(', ')}`,
      DEFAULT_ARMS,
    )
    .option('--events <counts>', 'numbers of corrections', '40')
    .option('--feedback <modes>', `what the developer gives: ${MODES.join(', ')}`, 'text')
    .option('--seeds <n>', 'projects per cell', wholeNumber(1), 3)
    .option('--first-seed <n>', 'seed of the first', wholeNumber(0), 1)
    .option('--max-seconds <n>', 'seconds of training per cell', wholeNumber(1), 90)
    .option('--max-steps <n>', 'steps per cell (default: as many as a round of the product)', wholeNumber(1))
    .option('--places <n>', 'later places of each convention, of either kind', wholeNumber(1), 4)
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--set <json>', 'changes to the options of a round', '{}')
    .option('--out <file>', 'results as JSON lines; cells that are there already are not run again')
    .option('--svg <file>', 'the frontier as a picture')
    .option('--report-only', 'run nothing: table and picture of all that --out holds')
    .option('--json', 'print the results as one JSON object')
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
  const model = await openModel(options.model ?? embeddedModel(), { threads: options.threads });
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
      if (options.out) appendFileSync(options.out, `${JSON.stringify(result)}\n`);
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

function report(results: CellResult[], { svg, json }: Options): void {
  if (svg) writeFileSync(svg, frontier(results, 'Learning against forgetting'));
  print({ results }, json, () => [table(results)]);
}

function cellsOf(options: Options): Cell[] {
  const list = (text: string) => text.split(',').map((one) => one.trim());
  const arms = list(options.arms);
  for (const arm of arms) if (arm !== 'retrieval') armNamed(arm);
  const modes = list(options.feedback) as FeedbackMode[];
  const unknown = modes.find((mode) => !MODES.includes(mode));
  if (unknown) throw new UsageError(`There is no feedback "${unknown}". Choose from: ${MODES.join(', ')}.`);
  const counts = list(options.events).map(wholeNumber(1));
  const seeds = Array.from({ length: options.seeds }, (_, i) => options.firstSeed + i);
  return seeds.flatMap((seed) =>
    modes.flatMap((mode) => counts.flatMap((events) => arms.map((arm) => ({ arm, mode, events, seed })))),
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
  return a.arm === b.arm && a.mode === b.mode && a.events === b.events && a.seed === b.seed;
}

function readResults(file: string): CellResult[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((text) => text.trim() !== '');
  return lines.map((text) => JSON.parse(text) as CellResult);
}

function line({ arm, mode, events, seed, before, after, ...rest }: CellResult): string {
  const pair = (pick: (figures: CellResult['after']) => number) =>
    `${pick(before).toFixed(2)} → ${pick(after).toFixed(2)}`;
  return (
    `${arm}, ${mode}, ${events} corrections, seed ${seed}: near ${pair(({ near }) => near.logProb)} exact ${pair(({ near }) => near.exact)}, ` +
    `far ${pair(({ far }) => far.logProb)} exact ${pair(({ far }) => far.exact)}, forgetting ${(rest.bitsAfter - rest.bitsBefore).toFixed(4)}, ` +
    `${rest.steps} steps, ${rest.seconds.toFixed(0)} s, ${rest.samples} samples (${rest.verdict})`
  );
}
