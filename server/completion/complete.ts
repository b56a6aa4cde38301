/** One completion, from a place to the text that is offered there: for the editor (in the worker) and the command line. */
import { behindGiven, leadLength, spelled } from '../learning/healing';
import { buildPrompt, encodePlain, type PromptParts } from '../learning/prompt';
import type { Decoder, GenerateRequest, Generation, Model } from '../model/types';
import type { ContextPart } from '../prompt-context/types';
import type { Grammars } from '../syntax/grammars';
import { promptBudgetOf } from './budget';
import { generateByBelow, type Patience, saysBelow } from './line-by-below';
import { offeredIds } from './offered-ids';
import { OfferedText, type OfferPlace } from './offered-text';
import type { ReadingSpeed } from './reading-speed';

export interface Completer {
  model: Model;
  decoder: Decoder;
  grammars: Grammars;
  /** How long a completion may wait for the code below to be asked; any time where it is missing. */
  patience?: Patience;
  /** Measured here; it decides how much context is shown. */
  speed?: ReadingSpeed;
}

export interface CompletionQuery extends OfferPlace {
  /** Key of the document, for its key-value cache. */
  document: string;
  /** Teacher context of the instant memory, or null. */
  feedback: string | null;
  /** What else is known of the place: other files, edits, problems. */
  context?: readonly ContextPart[];
  /** Most tokens that the context may take; what this machine reads in time where it is missing. */
  contextTokens?: number;
  /** Texts whose continuations are tried as draft tokens, the likeliest source last: they change the speed, never the text. */
  lookups: readonly string[];
  maxTokens: number;
  signal?: AbortSignal;
}

export interface CompletionAnswer {
  /** What to offer at the cursor; null for nothing. */
  text: string | null;
  /** Why nothing is offered, in one sentence; null where something is. */
  why: string | null;
  /** All that the model wrote at the cursor. */
  raw: string;
  /** The prompt without any recalled feedback: what training conditions the student on. */
  promptIds: number[];
  /** Of what is offered; of all that was written where nothing is. Before it, what the prompt gave back (see healing.ts). */
  responseIds: number[];
  /** log π of each response id, in nats; of the stop token last where all was taken and the model ended by itself. */
  logProbs: number[];
  /** The prompt's tokens with recalled feedback. */
  promptTokens: number;
  /** How many of them are context. */
  contextTokens: number;
  generation: Generation;
}

/** A place as a prompt is built of it. */
export type PlaceToRead = OfferPlace & Pick<CompletionQuery, 'context' | 'contextTokens' | 'maxTokens'>;

/** What a prompt is built of; as much context as this machine reads in time. */
export function partsOf(model: Model, query: PlaceToRead, speed?: ReadingSpeed): PromptParts {
  const { contextTokens, maxTokens, ...place } = query;
  const { tokenizer, format } = model;
  const budget = promptBudgetOf(model, maxTokens, contextTokens, speed?.contextTokens);
  return { ...place, format, tokenizer, budget };
}

/**
 * Reads the prompt of a place into the key-value cache, so that a completion there need not wait for it. What was read
 * before `signal` stays read.
 */
export async function readAhead(
  { model, decoder, speed }: Completer,
  { document, feedback, signal, ...place }: Omit<CompletionQuery, 'lookups'>,
): Promise<void> {
  const parts = partsOf(model, place, speed);
  const { ids: prompt } = buildPrompt(feedback === null ? parts : { ...parts, feedback });
  const { stopIds } = model.format;
  const started = performance.now();
  const read = await decoder.generate({ prompt, maxTokens: 1, cacheKey: document, signal, stopIds });
  if (read.reason !== 'cancelled')
    speed?.read(prompt.length - read.reusedTokens, performance.now() - started);
}

/**
 * The model's best completion of a place, greedy. Where it is what the lines around say already, the best that begins
 * otherwise: whoever opens a line above another wants something else there.
 */
export async function complete(
  { model, decoder, grammars, patience, speed }: Completer,
  { document, feedback, context, contextTokens, lookups, maxTokens, signal, ...place }: CompletionQuery,
): Promise<CompletionAnswer> {
  const { tokenizer, format } = model;
  const nearby = [
    ...(context ?? []).map(({ text }) => text),
    ...lookups,
    ...(feedback === null ? [] : [feedback]),
  ];
  const rules = await OfferedText.at({ ...place, nearby }, grammars);
  const parts = partsOf(model, { ...place, context, contextTokens, maxTokens }, speed);
  const bare = buildPrompt(parts);
  const { ids: prompt, given } = feedback === null ? bare : buildPrompt({ ...parts, feedback });
  const begun = spelled(tokenizer, format, given);
  const behind = (ids: readonly number[]) => behindGiven(tokenizer.decode(ids), given);
  const copied = lookups.map((text) => encodePlain(tokenizer, text));
  const below = {
    tokenizer,
    given,
    suffix: place.suffix,
    offered: (line: string) => rules.offeredLine(line),
  };
  const asksBelow = saysBelow(format, place.suffix) && (patience?.allows() ?? true);
  const started = performance.now();
  let firstAfter: number | undefined;
  const write = async (bannedFirstIds: readonly number[], bannedFirstAt = 0) => {
    const request: GenerateRequest = {
      ...begun,
      prompt,
      maxTokens: maxTokens + (begun.draft?.length ?? 0),
      lookups: copied,
      cacheKey: document,
      signal,
      bannedFirstIds,
      bannedFirstAt,
      stopIds: format.stopIds,
      bannedIds: tokenizer.specialIds().filter((id) => !format.stopIds.includes(id)),
      temperature: 0,
      onToken: (_id, ids) => {
        firstAfter ??= performance.now() - started;
        return rules.isComplete(behind(ids));
      },
    };
    const generation = asksBelow
      ? await generateByBelow(decoder, request, below, patience)
      : await decoder.generate(request);
    const raw = behind(generation.ids);
    return { raw, completion: rules.completionOf(raw, generation.reason === 'stop'), generation };
  };
  let written = await write([]);
  speed?.read(prompt.length - written.generation.reusedTokens, firstAfter ?? 0);
  if (written.generation.reason !== 'cancelled' && rules.isRepetition(written.completion)) {
    const { ids, reusedTokens, runs } = written.generation;
    // What spells the begun line stays as it is.
    const lead = leadLength(tokenizer, given, ids);
    written = await write(ids.slice(lead, lead + 1), lead);
    written.generation = { ...written.generation, reusedTokens, runs: runs + written.generation.runs };
  }
  const { raw, completion, generation } = written;
  const { text, why } = rules.offered(completion);
  // What lies behind the end was never offered, so nothing is to be learned from it.
  const cut = text !== null && text.length < raw.length;
  const responseIds = cut ? offeredIds(tokenizer, generation.ids, given + text) : generation.ids;
  return {
    text,
    why,
    raw,
    promptIds: bare.ids,
    responseIds,
    logProbs: cut ? generation.logProbs.slice(0, responseIds.length) : generation.logProbs,
    promptTokens: prompt.length,
    contextTokens: bare.contextTokens,
    generation,
  };
}
