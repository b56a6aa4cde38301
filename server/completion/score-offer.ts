/** How likely an offer's tokens are at its place, under one adapter and one recalled text: what "Why this?" compares. In the worker. */
import { leadLength } from '../learning/healing';
import { buildPrompt, encodePlain } from '../learning/prompt';
import type { Adapter, Model, Scorer } from '../model/types';
import { type PlaceToRead, partsOf } from './complete';
import type { ReadingSpeed } from './reading-speed';

export interface OfferToScore extends PlaceToRead {
  /** As it was offered, and the ids that were sampled for it. */
  text: string;
  responseIds: readonly number[];
  feedback: string | null;
}

export interface ScoredOffer {
  /** Each token's text as decoded alone. */
  tokens: string[];
  /** log π of each, in nats. */
  logProbs: number[];
}

/** The tokens of the offered text; of what the prompt gave back before it, none. */
export async function scoreOffer(
  model: Model,
  scorer: Scorer,
  adapter: Adapter | null,
  { text, responseIds, feedback, ...place }: OfferToScore,
  speed?: ReadingSpeed,
): Promise<ScoredOffer> {
  const { tokenizer } = model;
  const parts = partsOf(model, place, speed);
  const { ids: prompt, given } = buildPrompt(feedback === null ? parts : { ...parts, feedback });
  const sampled = tokenizer.decode(responseIds) === given + text;
  const ids = sampled ? [...responseIds] : encodePlain(tokenizer, given + text);
  const lead = leadLength(tokenizer, given, ids);
  const { logProbs } = await scorer.score(prompt, ids, adapter, 0);
  return {
    tokens: ids.slice(lead).map((id) => tokenizer.decode([id])),
    logProbs: Array.from(logProbs.subarray(lead)),
  };
}
