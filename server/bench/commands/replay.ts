/** `hindsight replay`: would it have helped in this repository? Its history is the developer, its later commits the test. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { embeddedModel, replayRows } from '../../cli/installation';
import { print, UsageError, wholeNumber } from '../../cli/outcome';
import { CorrectionIndex } from '../../completion/recall';
import { openModel } from '../../model/open';
import type { LearningEvent } from '../../store/records';
import { objectiveNamed } from '../../training/objectives';
import { readReplayPool } from '../../training/round/replay-pool';
import { roundOptions } from '../../training/round-options';
import { runRound } from '../../training/trainer/run-round';
import { attempts, evaluate, type Figures } from '../learning/benchmark';
import { type HistorySpot, historySpots } from '../learning/history';
import { benchJob } from '../learning/job';
import { EXPERIMENTS } from '../objectives';
import { methodsOf } from '../objectives/methods';

interface Options {
  repo: string;
  commits: number;
  perCommit: number;
  model?: string;
  objective: string;
  arm?: string;
  maxSeconds: number;
  threads: number;
  json?: boolean;
}

/** Share of the commits that is learned from; the rest is the test. */
const LEARNED_SHARE = 0.7;

export function replayCommand(): Command {
  return new Command('replay')
    .description('replay a git history: frozen, retrieval and learning side by side on its later commits')
    .requiredOption('--repo <dir>', 'a git repository')
    .option('--commits <n>', 'last commits to replay', wholeNumber(4), 60)
    .option('--per-commit <n>', 'lines of a commit at most', wholeNumber(1), 4)
    .option('--model <path>', 'a model: folder or .gguf file (default: the embedded model)')
    .option('--objective <name>', EXPERIMENTS.map(({ name }) => name).join(', '), 'default')
    .addOption(new Option('--arm <name>', 'the same').hideHelp())
    .option('--max-seconds <n>', 'seconds of training', wholeNumber(1), 90)
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--json', 'print one JSON object')
    .action(replay);
}

async function replay(options: Options): Promise<void> {
  const objective = objectiveNamed(options.arm ?? options.objective, EXPERIMENTS);
  const spots = await historySpots(options.repo, options.commits, options.perCommit);
  const commits = [...new Set(spots.map(({ commit }) => commit))];
  const early = new Set(commits.slice(0, Math.floor(commits.length * LEARNED_SHARE)));
  const past = spots.filter(({ commit }) => early.has(commit));
  const later = spots.filter(({ commit }) => !early.has(commit));
  if (past.length < 4 || later.length < 4) {
    throw new UsageError(
      `${options.repo} has too few added lines of code in its last ${options.commits} commits.`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'hindsight-replay-'));
  const model = await openModel(options.model ?? embeddedModel(), { threads: options.threads });
  const round = roundOptions(options.maxSeconds, past.length, model.parameters);
  try {
    const parts = { scorer: await model.scorer(), decoder: await model.decoder() };
    const offered = await attempts(model, parts.decoder, null, past, round);
    const events = past.flatMap((spot, i) => toEvent(spot, offered[i]!, i + 1) ?? []);
    const index = new CorrectionIndex();
    for (const event of events) index.add({ ...event, solution: event.solution! });
    const same = (i: number, text: string) => text.trim() === later[i]!.right.trim();
    const frozen = await evaluate(model, parts, null, later, round, same);
    const retrieval = await evaluate(model, parts, null, later, round, same, (place) => index.recall(place));
    const pool = await readReplayPool(replayRows(), [], 1);
    const job = benchJob({ objective, options: round, events, gated: true }, pool, folder);
    const result = await runRound(model, job, { methods: methodsOf(objective) });
    const learning = await evaluate(model, parts, result.adapter, later, round, same);
    const both = await evaluate(model, parts, result.adapter, later, round, same, (place) =>
      index.recall(place),
    );
    const forgetting = (result.bitsAfter ?? 0) - (result.bitsBefore ?? 0);
    const figures = { frozen, retrieval, learning, both };
    const counts = {
      commits: commits.length,
      corrections: events.length,
      trained: result.trained.length,
      later: later.length,
    };
    print({ ...counts, ...figures, forgetting, seconds: result.seconds }, options.json, () => [
      `${counts.commits} commits; ${counts.corrections} corrections, ${counts.trained} passed the gates; ${counts.later} later lines`,
      '                       nats/token   exact',
      ...Object.entries(figures).map(([name, { logProb, exact }]: [string, Figures]) => {
        return `  ${name.padEnd(20)} ${logProb.toFixed(3).padStart(10)} ${exact.toFixed(3).padStart(7)}`;
      }),
      `  forgetting ${forgetting.toFixed(4)} bits per byte, ${result.seconds.toFixed(0)} s of training`,
    ]);
  } finally {
    await model.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What was kept where the model wrote something else. */
function toEvent(
  spot: HistorySpot,
  offered: { text: string; ids: number[] },
  id: number,
): LearningEvent | null {
  if (offered.text.trim() === spot.right.trim()) return null;
  return {
    id,
    completionId: `${spot.commit}-${id}`,
    createdAt: id,
    updatedAt: id,
    uri: `file:///${spot.path}`,
    path: spot.path,
    languageId: spot.languageId,
    prefix: spot.prefix,
    suffix: spot.suffix,
    promptIds: [],
    responseIds: offered.ids,
    responseLogProbs: [],
    text: offered.text,
    solution: spot.right,
    output: null,
    words: null,
    signals: ['edited'],
    weight: 1,
    status: 'ready',
    reason: null,
  };
}
