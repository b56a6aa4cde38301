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
  for (const one of events) {
    if (!one.kept) continue;
    const { logProbs } = await scorer.score(one.prompt, one.kept.ids, adapter, 0);
    scores.set(one.event.id, meanLogProb(logProbs, one.kept.mask));
  }
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
  const bits: number[] = [];
  for (const row of rows) {
    const { prompt, response } = replayIds(model, row, options, 0);
    if (response.length < 8) continue;
    const { logProbs } = await scorer.score(prompt, response, adapter, 0);
    const bytes = Buffer.byteLength(model.tokenizer.decode(response));
    bits.push(-logProbs.reduce((sum, value) => sum + value, 0) / Math.LN2 / Math.max(1, bytes));
  }
  return bits;
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
  const made: { text: string; ids: number[] }[] = [];
  for (const prompt of prompts) {
    const { ids } = await decoder.generate({
      ...spelled(model.tokenizer, model.format, prompt.given),
      prompt: prompt.ids,
      maxTokens,
      stopIds: model.format.stopIds,
      bannedIds,
    });
    made.push({ text: behindGiven(model.tokenizer.decode(ids), prompt.given), ids });
  }
  return made;
}

export function mean(values: readonly number[]): number | null {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}
