/** How good a student is: log-prob of kept texts, bits per byte on code it must not forget, greedy completions. */
import { behindGiven, spelled } from '../../learning/healing';
import type { Prompt } from '../../learning/prompt';
import type { Adapter, Decoder, Model, Scorer } from '../../model/types';
import { meanLogProb } from '../gates/gates';
import type { ReplayRow, RoundOptions } from '../types';
import { type Prepared, replayIds } from './prepare';

/** Mean log-prob per token of each event's kept text; events without one are left out. */
export async function keptLogProbs(
  events: readonly Prepared[],
  scorer: Scorer,
  adapter: Adapter | null,
): Promise<Map<number, number>> {
  const scores = new Map<number, number>();
  const kept = events.flatMap(({ event, prompt, kept }) =>
    kept ? [{ id: event.id, prompt, response: kept.ids, mask: kept.mask }] : [],
  );
  const scored = await scorer.scoreMany(kept, adapter, 0);
  for (const [i, { id, mask }] of kept.entries()) scores.set(id, meanLogProb(scored[i]!.logProbs, mask));
  return scores;
}

/** Bits per byte of each row's window; their mean is the measure of forgetting. */
export async function bitsPerByte(
  model: Model,
  rows: readonly ReplayRow[],
  scorer: Scorer,
  adapter: Adapter | null,
  options: RoundOptions,
): Promise<number[]> {
  const measured = rows
    .map((row) => replayIds(model, row, options, 0))
    .filter(({ response }) => response.length >= 8);
  const scored = await scorer.scoreMany(measured, adapter, 0);
  return measured.map(({ response }, i) => {
    const bytes = Buffer.byteLength(model.tokenizer.decode(response));
    return -scored[i]!.logProbs.reduce((sum, value) => sum + value, 0) / Math.LN2 / Math.max(1, bytes);
  });
}

/** Greedy completions of prompts, as text. */
export async function complete(
  model: Model,
  decoder: Decoder,
  adapter: Adapter | null,
  prompts: readonly Prompt[],
  maxTokens: number,
): Promise<{ text: string; ids: number[] }[]> {
  decoder.setAdapter(adapter);
  const bannedIds = model.tokenizer.specialIds().filter((id) => !model.format.stopIds.includes(id));
  const requests = prompts.map(({ ids, given }) => ({
    ...spelled(model.tokenizer, model.format, given),
    prompt: ids,
    maxTokens,
    stopIds: model.format.stopIds,
    bannedIds,
  }));
  const made = await decoder.generateBatch(requests);
  return made.map(({ ids }, i) => ({
    text: behindGiven(model.tokenizer.decode(ids), prompts[i]!.given),
    ids,
  }));
}

export function mean(values: readonly number[]): number | null {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}
