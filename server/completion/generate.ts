import type { Decoder, GenerateRequest, Generation, Model } from '../model/types';
import { repeatsBelow } from './filters/repeat-of-below';
import type { FilterContext } from './filters/types';
import { completionOf, endOf, stopRule } from './stop';

/**
 * The model's best completion of a place, greedy, not yet filtered. Where it is what the lines below say already, the
 * best that begins otherwise: whoever opens a line above another wants something else there.
 *
 * @returns the text up to where the completion ends, and the generation it was taken from, which may go on behind it
 */
export async function generateCompletion(
  decoder: Decoder,
  { tokenizer, format }: Pick<Model, 'tokenizer' | 'format'>,
  place: FilterContext,
  request: Pick<GenerateRequest, 'prompt' | 'maxTokens' | 'lookups' | 'cacheKey' | 'signal'>,
): Promise<{ text: string; generation: Generation }> {
  const rule = stopRule(place.prefix, place.suffix);
  const generate = async (bannedFirstIds: readonly number[]) => {
    const generation = await decoder.generate({
      ...request,
      bannedFirstIds,
      stopIds: format.stopIds,
      bannedIds: tokenizer.specialIds().filter((id) => !format.stopIds.includes(id)),
      temperature: 0,
      onToken: (_id, ids) => endOf(tokenizer.decode(ids), rule) >= 0,
    });
    const decoded = tokenizer.decode(generation.ids);
    return { text: completionOf(decoded, rule, generation.reason === 'stop'), generation };
  };
  const best = await generate([]);
  if (best.generation.reason === 'cancelled' || !repeatsBelow(best.text, place)) return best;
  const { ids, reusedTokens, runs } = best.generation;
  const { text, generation } = await generate(ids.slice(0, 1));
  return { text, generation: { ...generation, reusedTokens, runs: runs + generation.runs } };
}
