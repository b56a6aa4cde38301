/**
 * A round's whole work on an open model: prepare, gate, train, measure. Knows no process and no database, so that the
 * trainer process, the benchmark and the tests run the same code.
 */

import { random } from '../../base/random';
import { teacherItems } from '../../learning/contexts';
import type { Prompt } from '../../learning/prompt';
import { loadAdapter, saveAdapter } from '../../model/open';
import type { Adapter, Decoder, Model } from '../../model/types';
import { NameSource } from '../augment/rename';
import { vitalDecisions } from '../gates/gates';
import { findLeak } from '../gates/leak';
import { judge, LEAST_HELD_OUT } from '../gates/promotion';
import { shrinkToFit } from '../gates/shrink';
import type { RoundOptions, RoundResult, Score, TrainingJob } from '../types';
import { Anchor } from './anchor';
import { BestSoFar } from './best-so-far';
import { checkpointKey, readCheckpoint } from './checkpoint';
import { distillationShare } from './distillation-share';
import { bitsPerByte, complete, keptLogProbs, mean } from './evaluate';
import type { RoundHooks } from './hooks';
import { runSteps } from './loop';
import { type Prepared, prepare, replayIds } from './prepare';
import { READING_SHARE, readEvents } from './read-events';
import { RememberingScorer } from './remembering-scorer';
import { RowMaker } from './rows';
import { Teacher } from './teacher';

/** Share of a round's progress bar that the steps take. */
const STEPS_TO = 0.92;

/**
 * Runs a round and writes the adapter to `job.outputDirectory` in PEFT's format.
 * @throws NothingToLearnError where no event passes the gates; whatever `yieldToEventLoop` throws
 */
export async function runRound(
  model: Model,
  given: TrainingJob,
  hooks: RoundHooks = {},
): Promise<RoundResult & { adapter: Adapter; drawn: number }> {
  const now = hooks.now ?? (() => performance.now());
  const began = now();
  const yieldToEventLoop = hooks.yieldToEventLoop ?? (async () => {});
  const { methods = {} } = hooks;
  const start = given.adapterDirectory === null ? null : loadAdapter(given.adapterDirectory);
  const positions = start ? (start.positions ?? 'all') : given.options.positions;
  const options: RoundOptions = { ...given.options, positions };
  const job = { ...given, options };
  const { objective } = job;
  // Prompts are read once for an adapter that does not act on them.
  const engine =
    positions === 'response'
      ? await model.responses({ adapter: start ?? undefined, share: options.layers })
      : null;
  const scorer = new RememberingScorer(engine?.scorer ?? (await model.scorer()));
  let opened: Decoder | null = null;
  const decoder = async () => {
    opened ??= await model.decoder();
    return opened;
  };
  const source = random(options.seed);
  try {
    hooks.phase?.('Reading the feedback', 0);
    const reading = { model, job, scorer, decoder, start, hooks, yieldToEventLoop };
    const { passed, drawn } = await readEvents(reading);
    const rehearsed = job.rehearsed.map((event) => prepare(model, event, objective, options));
    const events = [...passed, ...rehearsed];
    const heldOut = job.heldOut.map((event) => prepare(model, event, objective, options));
    if (passed.length === 0) throw new NothingToLearnError();

    const before = await keptLogProbs([...events, ...heldOut], scorer, start);
    const bitsBefore = mean(await bitsPerByte(model, job.replayHeld, scorer, start, options));
    const bitsBase = start ? mean(await bitsPerByte(model, job.replayHeld, scorer, null, options)) : null;
    const share = await distillationShare(events, scorer, start, options.topK);

    const key = checkpointKey(job, model.hash);
    const checkpoint = job.checkpointPath ? await readCheckpoint(job.checkpointPath, key) : null;
    const session = await (engine ?? model).trainer({
      adapter: checkpoint?.adapter ?? start ?? undefined,
      rank: options.rank,
      alpha: options.alpha,
      positions: options.positions === 'response' ? options.positions : undefined,
      seed: options.seed,
    });
    if (checkpoint) session.loadOptimizerState(checkpoint.optimizer);
    const names = new NameSource(job.replay.map(({ text }) => text));
    const teacher = methods.teacher?.(scorer, options.topK) ?? new Teacher(scorer, options.topK);
    const rowParts = { model, scorer, decoder, teacher, objective, options, names, events: events.length };
    const rowMaker = methods.rows?.(rowParts) ?? new RowMaker(rowParts);
    let ordinary: Snapshot[] | null = null;
    const ordinaryBefore = async () => {
      ordinary ??= await ordinaryTexts(model, await decoder(), job, start);
      return ordinary;
    };
    const best = new BestSoFar(async (student) => {
      const texts = heldOut.filter(({ kept }) => kept !== null);
      if (texts.length < LEAST_HELD_OUT) return null;
      return mean([...(await keptLogProbs(texts, scorer, student)).values()]);
    });
    const loopBegan = now();
    const { stopped, steps, vitals } = await runSteps({
      model,
      scorer,
      session,
      rowMaker,
      teacher,
      anchor: new Anchor(model, scorer, job.replay, options, source),
      best,
      events,
      job,
      source,
      checkpoint,
      checkpointKey: key,
      clock: () => now() - loopBegan,
      yieldToEventLoop,
      lengthChange: async (student) => {
        const lengthBefore = meanLength(await ordinaryBefore());
        const after = meanLength(await ordinaryTexts(model, await decoder(), job, student));
        return lengthBefore && after !== null ? Math.abs(after / lengthBefore - 1) : null;
      },
      onStep: (step, progress) => hooks.step?.(step, READING_SHARE + (STEPS_TO - READING_SHARE) * progress),
    });
    const trained = await best.choose(session.adapter());
    await session.close();

    hooks.phase?.('Judging the result', STEPS_TO);
    const forgetting = async (candidate: Adapter) => {
      await yieldToEventLoop();
      return mean(await bitsPerByte(model, job.replayHeld, scorer, candidate, options));
    };
    const fitted = await shrinkToFit(trained, bitsBefore, forgetting, start);
    const { adapter, bitsAfter } = fitted;
    const after = await keptLogProbs([...events, ...heldOut], scorer, adapter);
    const snapshots = await takeSnapshots(
      model,
      await decoder(),
      job,
      events,
      await ordinaryBefore(),
      adapter,
    );
    const scores = (list: Prepared[]): Score[] =>
      list
        .filter(({ event }) => after.has(event.id))
        .map(({ event }) => ({
          eventId: event.id,
          before: before.get(event.id)!,
          after: after.get(event.id)!,
        }));
    const figures = { bitsBefore, bitsAfter, bitsBase, ...snapshots };
    const verdict = judge({ heldOut: scores(heldOut), heldOutBy: job.heldOutBy ?? null, ...figures });
    await saveAdapter(adapter, job.outputDirectory, '', invocation(model));
    return {
      steps,
      seconds: (now() - began) / 1000,
      stopped,
      distillationShare: share,
      trained: scores(events),
      heldOut: scores(heldOut),
      bitsBefore,
      bitsAfter,
      decisions: [...fitted.decisions, ...verdict.decisions, ...(vitals ? vitalDecisions(vitals) : [])],
      verdict: { state: verdict.state, message: verdict.message },
      adapterHash: adapter.hash,
      adapter,
      drawn: drawn + rowMaker.drawn,
    };
  } finally {
    await (engine ?? scorer).close();
    await (opened as Decoder | null)?.close();
  }
}

/** The token that every prompt ends in, where the code after the cursor comes before it. */
function invocation({ format }: Model): number[] | undefined {
  return format.order === 'psm' ? [format.middleId!] : undefined;
}

/** No event passed the gates: the round ends without an adapter, and says so. */
export class NothingToLearnError extends Error {
  constructor() {
    super('No event passed the gates, so there was nothing to learn.');
  }
}

/** Ordinary code up to the middle of a row. */
function ordinaryPrompts(model: Model, job: TrainingJob): Prompt[] {
  return job.replayHeld.slice(0, job.options.snapshotRows).map((row) => {
    const { prompt, response } = replayIds(model, row, { ...job.options, positions: 'all' }, 0);
    return { ids: [...prompt, ...response.slice(0, Math.floor(response.length / 2))], given: '' };
  });
}

type Snapshot = Awaited<ReturnType<typeof complete>>[number];

/** Greedy completions of ordinary code. */
function ordinaryTexts(
  model: Model,
  decoder: Decoder,
  job: TrainingJob,
  adapter: Adapter | null,
): Promise<Snapshot[]> {
  return complete(model, decoder, adapter, ordinaryPrompts(model, job), job.options.snapshotTokens);
}

const meanLength = (made: readonly Snapshot[]) => mean(made.map(({ ids }) => ids.length));

/** Greedy completions without feedback, before and after: their length, and whether feedback leaks into them. */
async function takeSnapshots(
  model: Model,
  decoder: Decoder,
  job: TrainingJob,
  events: Prepared[],
  before: readonly Snapshot[],
  adapter: Adapter,
): Promise<{ lengthBefore: number | null; lengthAfter: number | null; leak: string | null }> {
  const ordinary = ordinaryPrompts(model, job);
  const prompts = events
    .slice(0, job.options.snapshotRows)
    .map(({ prompt, given }) => ({ ids: prompt, given }));
  // Together: a run of the decoder costs much the same for more rows.
  const all = await complete(model, decoder, adapter, [...ordinary, ...prompts], job.options.snapshotTokens);
  const after = all.slice(0, ordinary.length);
  const said = events.flatMap(({ event }) =>
    teacherItems(event, { solution: false, output: true, words: true }),
  );
  const known = events.map(({ event }) => event.prefix + (event.solution ?? '') + event.suffix);
  return {
    lengthBefore: meanLength(before),
    lengthAfter: meanLength(after),
    leak: findLeak(
      all.map(({ text }) => text),
      said.map(({ text }) => text),
      [...known, ...job.replayHeld.map(({ text }) => text)],
    ),
  };
}
