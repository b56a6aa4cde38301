/** One cell of the benchmark: an objective, a mode of feedback, a number of corrections and a seed, all else equal. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { leadLength } from '../../learning/healing';
import { encodePlain, type Prompt } from '../../learning/prompt';
import type { Adapter, Decoder, Model, Scorer } from '../../model/types';
import type { LearningEvent } from '../../store/records';
import { objectiveNamed } from '../../training/objectives';
import type { ReplayPool } from '../../training/round/replay-pool';
import { roundOptions } from '../../training/round-options';
import { bitsPerByte, complete, mean } from '../../training/trainer/evaluate';
import { promptFor } from '../../training/trainer/prepare';
import { NothingToLearnError, runRound } from '../../training/trainer/run-round';
import type { RoundOptions } from '../../training/types';
import { EXPERIMENTS } from '../objectives';
import { methodsOf } from '../objectives/methods';
import { correct, type FeedbackMode, type Place, runTest, simulateProject } from './developer';
import { benchJob } from './job';

export interface Cell {
  objective: string;
  feedback: FeedbackMode;
  events: number;
  seed: number;
}

export interface Figures {
  /** Mean log-prob per token of the right text. */
  logProb: number;
  exact: number;
  /** Share of places whose test passes. */
  passed: number;
}

export interface CellResult extends Cell {
  /** Corrections there were: places the model already got right give none. */
  corrections: number;
  steps: number;
  seconds: number;
  samples: number;
  /** After the round: at places of forms that were corrected, and of others. */
  near: Figures;
  far: Figures;
  before: { near: Figures; far: Figures };
  /** On code that must not be forgotten. */
  bitsPerByte: { before: number; after: number };
  distillationShare: number | null;
  verdict: string;
}

export interface Bench {
  model: Model;
  pool: ReplayPool;
  maxSeconds: number;
  /** null: as many as a round of the product would take. */
  maxSteps: number | null;
  /** Later places of each convention, of either kind. */
  perConvention: number;
  options?: Partial<RoundOptions>;
  /** Feedback text of the nearest corrections, for 'retrieval'. */
  recall(events: readonly LearningEvent[]): Recall;
}

export type Recall = (place: { languageId: string; prefix: string }) => string | null;

const RESPONSE_TOKENS = 40;

/** What can stand in for an objective: the model as it is, alone or with the nearest corrections in its prompt. */
export const UNTRAINED = ['none', 'retrieval'];

/** Runs a cell. */
export async function runCell(bench: Bench, cell: Cell): Promise<CellResult> {
  const { model, pool } = bench;
  const project = simulateProject(cell.events, bench.perConvention, cell.seed);
  const options: RoundOptions = {
    ...roundOptions(bench.maxSeconds, cell.feedback.includes('text') ? cell.events : 0, model.parameters),
    ...(bench.maxSteps === null ? {} : { maxSteps: bench.maxSteps }),
    seed: cell.seed,
    ...bench.options,
  };
  const scorer = await model.scorer();
  const decoder = await model.decoder();
  const folder = await mkdtemp(path.join(tmpdir(), 'hindsight-bench-'));
  try {
    const offered = await attempts(model, decoder, null, project.training, options);
    const events = project.training.flatMap(
      (place, i) => correct(place, offered[i]!, cell.feedback, i + 1) ?? [],
    );
    const near = project.later.filter(({ distance }) => distance === 'near');
    const far = project.later.filter(({ distance }) => distance === 'far');
    const measure = async (adapter: Adapter | null, remember?: Recall) => {
      const of = (places: Place[]) =>
        evaluate(
          model,
          { scorer, decoder },
          adapter,
          places,
          options,
          (i, text) => runTest(places[i]!, text) === null,
          remember,
        );
      return { near: await of(near), far: await of(far) };
    };
    const before = await measure(null);
    const bitsBefore = mean(await bitsPerByte(model, pool.held, scorer, null, options)) ?? 0;
    const same = {
      ...cell,
      corrections: events.length,
      before,
      steps: 0,
      seconds: 0,
      samples: 0,
    };
    const untrained = {
      ...same,
      ...before,
      bitsPerByte: { before: bitsBefore, after: bitsBefore },
      distillationShare: null,
    };
    if (cell.objective === 'none') return { ...untrained, verdict: 'not trained' };
    if (cell.objective === 'retrieval') {
      const recalled = await measure(null, bench.recall(events));
      return { ...untrained, ...recalled, verdict: 'not trained' };
    }
    const places = new Map(project.training.map((place, i) => [i + 1, place]));
    const objective = objectiveNamed(cell.objective, EXPERIMENTS);
    const job = benchJob({ objective, options, events }, pool, folder);
    const reward = ({ id }: LearningEvent, text: string) =>
      runTest(places.get(id)!, text.split('\n')[0]!) === null ? 1 : 0;
    const result = await runRound(model, job, { methods: methodsOf(objective, reward) }).catch(
      (error: unknown) => {
        if (error instanceof NothingToLearnError) return null;
        throw error;
      },
    );
    if (!result) return { ...untrained, verdict: 'nothing to learn' };
    const after = await measure(result.adapter);
    return {
      ...same,
      steps: result.steps,
      seconds: result.seconds,
      samples: result.drawn,
      ...after,
      bitsPerByte: { before: bitsBefore, after: result.bitsAfter ?? 0 },
      distillationShare: result.distillationShare,
      verdict: `${result.verdict.state}; ${result.stopped}`,
    };
  } finally {
    await scorer.close();
    await decoder.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A place whose right text is known. */
export type Spot = Pick<Place, 'path' | 'prefix' | 'suffix' | 'right'> & { languageId?: string };

function prompt(model: Model, place: Spot, options: RoundOptions, feedback?: string): Prompt {
  const { path: file, prefix, suffix, languageId = 'javascript' } = place;
  return promptFor(model, { path: file, prefix, suffix, languageId }, options, feedback);
}

/**
 * Figures of a student at places.
 * @param test whether a text passes there; exact match where there are no tests
 */
export async function evaluate(
  model: Model,
  parts: { scorer: Scorer; decoder: Decoder },
  adapter: Adapter | null,
  places: readonly Spot[],
  options: RoundOptions,
  test: (index: number, text: string) => boolean,
  recall?: Recall,
): Promise<Figures> {
  const prompts = places.map((place) => {
    const feedback = recall?.({ languageId: place.languageId ?? 'javascript', prefix: place.prefix });
    return prompt(model, place, options, feedback ?? undefined);
  });
  const made = await firstLines(model, parts.decoder, adapter, prompts);
  const stop = model.format.stopIds[0];
  const logProbs: number[] = [];
  for (const [i, place] of places.entries()) {
    const { ids: before, given } = prompts[i]!;
    const ids = encodePlain(model.tokenizer, given + place.right);
    const scored = await parts.scorer.score(before, stop === undefined ? ids : [...ids, stop], adapter, 0);
    const said = scored.logProbs.subarray(leadLength(model.tokenizer, given, ids));
    logProbs.push(said.reduce((sum, value) => sum + value, 0) / said.length);
  }
  const share = (holds: (i: number) => boolean) =>
    places.filter((_, i) => holds(i)).length / Math.max(1, places.length);
  return {
    logProb: mean(logProbs) ?? 0,
    exact: share((i) => made[i]!.text.trim() === places[i]!.right.trim()),
    passed: share((i) => test(i, made[i]!.text)),
  };
}

/** Greedy completions of places, first lines. */
export function attempts(
  model: Model,
  decoder: Decoder,
  adapter: Adapter | null,
  places: readonly Spot[],
  options: RoundOptions,
): Promise<{ text: string; ids: number[] }[]> {
  return firstLines(
    model,
    decoder,
    adapter,
    places.map((place) => prompt(model, place, options)),
  );
}

/** Greedy completions, cut at the line's end as the editor would. */
async function firstLines(
  model: Model,
  decoder: Decoder,
  adapter: Adapter | null,
  prompts: Prompt[],
): Promise<{ text: string; ids: number[] }[]> {
  const made = await complete(model, decoder, adapter, prompts, RESPONSE_TOKENS);
  return made.map(({ text }, i) => {
    const line = text.split('\n')[0]!;
    return { text: line, ids: encodePlain(model.tokenizer, prompts[i]!.given + line) };
  });
}
