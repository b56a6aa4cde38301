/** The promotion gates for an adapter that was trained elsewhere, on this developer's held-out corrections and ordinary code. */
import { teacherItems } from '../learning/contexts';
import type { Adapter, Model } from '../model/types';
import type { LearningEvent } from '../store/records';
import { findLeak } from '../training/gates/leak';
import { judge, type Verdict } from '../training/gates/promotion';
import { byDefault } from '../training/objectives/default';
import { roundOptions } from '../training/round-options';
import { bitsPerByte, complete, keptLogProbs, mean } from '../training/trainer/evaluate';
import { prepare, replayIds } from '../training/trainer/prepare';
import type { ReplayRow, RoundOptions, Score } from '../training/types';

export interface Judged extends Verdict {
  heldOut: Score[];
  bitsBefore: number | null;
  bitsAfter: number | null;
}

/**
 * @param current what is in use now; null is the base model
 * @param heldOut corrections that nothing was trained on here
 * @param replayHeld ordinary code that must not be forgotten
 */
export async function judgeAdapter(
  model: Model,
  candidate: Adapter,
  current: Adapter | null,
  heldOut: readonly LearningEvent[],
  replayHeld: readonly ReplayRow[],
): Promise<Judged> {
  const positions: RoundOptions['positions'] = candidate.positions ?? 'all';
  const options: RoundOptions = { ...roundOptions(1, 0, model.parameters), positions };
  const scorer = await model.scorer();
  const decoder = await model.decoder();
  try {
    const events = heldOut.map((event) => prepare(model, event, byDefault, options));
    const before = await keptLogProbs(events, scorer, current);
    const after = await keptLogProbs(events, scorer, candidate);
    const bits = async (adapter: Adapter | null) =>
      mean(await bitsPerByte(model, replayHeld, scorer, adapter, options));
    const [bitsBefore, bitsAfter] = [await bits(current), await bits(candidate)];
    const bitsBase = current ? await bits(null) : null;
    const ordinary = replayHeld.slice(0, options.snapshotRows).map((row) => {
      const { prompt, response } = replayIds(model, row, { ...options, positions: 'all' }, 0);
      return { ids: [...prompt, ...response.slice(0, Math.floor(response.length / 2))], given: '' };
    });
    const own = events.slice(0, options.snapshotRows).map(({ prompt, given }) => ({ ids: prompt, given }));
    const write = (adapter: Adapter | null, prompts: typeof ordinary) =>
      complete(model, decoder, adapter, prompts, options.snapshotTokens);
    const texts = { before: await write(current, ordinary), after: await write(candidate, ordinary) };
    const written = [...texts.after, ...(await write(candidate, own))].map(({ text }) => text);
    const said = heldOut.flatMap((event) =>
      teacherItems(event, { solution: false, output: true, words: true }).map(({ text }) => text),
    );
    const known = heldOut.map((event) => event.prefix + (event.solution ?? '') + event.suffix);
    const scores = events
      .filter(({ event }) => before.has(event.id) && after.has(event.id))
      .map(({ event }) => ({
        eventId: event.id,
        before: before.get(event.id)!,
        after: after.get(event.id)!,
      }));
    const length = (made: typeof texts.after) => mean(made.map(({ ids }) => ids.length));
    const verdict = judge({
      heldOut: scores,
      bitsBefore,
      bitsAfter,
      bitsBase,
      lengthBefore: length(texts.before),
      lengthAfter: length(texts.after),
      leak: findLeak(written, said, [...known, ...replayHeld.map(({ text }) => text)]),
    });
    return { ...verdict, heldOut: scores, bitsBefore, bitsAfter };
  } finally {
    await scorer.close();
    await decoder.close();
  }
}
