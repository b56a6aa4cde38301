/**
 * What the code below the cursor says about the line at the cursor, for models that read only from left to right: of a few
 * lines that the model finds likely, the one behind which it finds the lines below likeliest. The lines are the greedy one
 * and those that leave it where another token was likely too, each gone on with to its end. Where the code below may well
 * follow the line at once, the completion ends with the line: what the model would write on stands there already.
 */
import { behindGiven, leadLength } from '../learning/healing';
import { encodePlain } from '../learning/prompt';
import type { Decoder, GenerateRequest, Generation, PromptFormat, Tokenizer } from '../model/types';

/** Lines that are compared, the greedy one among them. */
const LINES = 4;
/** A line that leaves the greedy one this much less likely than that is, in nats, is not looked at. */
const MOST_BEHIND = 4;
/** Tokens that another line may be longer than the greedy one: all are waited for. */
const LONGER = 8;
/** Tokens of the code below that are asked about, and what they count beside the line's own. */
const BELOW_TOKENS = 16;
const BELOW_WEIGHT = 0.75;
/**
 * The code below follows at once where its first tokens (the line break with the blanks behind it, and the first word) are
 * not less likely than this together, in nats: so at 20 of 22 places of one missing line, and 6 of 22 of several.
 */
const FOLLOWING = { tokens: 2, least: -4 };

/** What is to be known of the place. */
export interface LinePlace {
  tokenizer: Tokenizer;
  /** What the prompt gave back (healing.ts). */
  given: string;
  suffix: string;
  /** What would be offered of a line that was written, or null for nothing. */
  offered(line: string): string | null;
}

/** Whether the code below the cursor says something that the prompt does not. */
export function saysBelow(format: PromptFormat, suffix: string): boolean {
  return format.order === 'none' && suffix.trim() !== '';
}

/** Switches the comparison off for a while where it takes longer than a completion may be kept waiting for it. */
export class Patience {
  private waited: number[] = [];
  private skip = 0;

  /** @param most milliseconds that it may take, the middle one of the last few times */
  constructor(private readonly most: number) {}

  /** Whether the next completion may wait for it. Once it was too slow, every 50th tries again. */
  allows(): boolean {
    if (this.skip === 0) return true;
    this.skip -= 1;
    return false;
  }

  took(milliseconds: number): void {
    this.waited = [...this.waited.slice(-4), milliseconds];
    const middle = [...this.waited].sort((a, b) => a - b)[(this.waited.length - 1) >> 1]!;
    if (this.waited.length < 3 || middle <= this.most) return;
    this.waited = [];
    this.skip = 50;
  }
}

interface Line {
  generation: Generation;
  /** How many of its ids stand within what would be offered. */
  length: number;
  /** Of what would be offered, with what the prompt gave back before it; null for a line that is not offered. */
  text: string | null;
}

/** As `decoder.generate` (greedy), but with the first line that goes best with the code below. */
export async function generateByBelow(
  decoder: Decoder,
  request: GenerateRequest,
  place: LinePlace,
  patience?: Patience,
): Promise<Generation> {
  const { tokenizer, given } = place;
  const behind = (ids: readonly number[]) => behindGiven(tokenizer.decode(ids), given);
  const completes = (ids: readonly number[]) => request.onToken?.(ids.at(-1)!, ids) === true;
  const endsLine = (ids: readonly number[]) => completes(ids) || /^[^\S\n]*\S[^\n]*\n/m.test(behind(ids));
  const greedy = await decoder.generate({
    ...request,
    alternatives: LINES - 1,
    onToken: (_id, ids) => endsLine(ids),
  });
  const { alternatives, ...first } = greedy;
  if (first.reason === 'cancelled') return first;
  const started = performance.now();
  const lead = leadLength(tokenizer, given, first.ids);
  const others = await otherLines(decoder, request, { greedy, lead, endsLine });
  const lines = [first, ...others].map((generation) => lineOf(generation, place));
  const found = await likeliest(decoder, request, lines, place);
  if (found === null || request.signal?.aborted) return { ...first, reason: 'cancelled' };
  patience?.took(performance.now() - started);
  const { best, follows } = found;
  const { ids, logProbs, reason } = best.generation;
  const line = { ...best.generation, reusedTokens: first.reusedTokens, runs: first.runs };
  if (follows || reason !== 'caller' || completes(ids) || ids.length >= request.maxTokens) return line;
  const rest = await decoder.generate(beginning(request, ids));
  return {
    ...rest,
    ids: [...ids, ...rest.ids],
    logProbs: [...logProbs, ...rest.logProbs],
    reusedTokens: first.reusedTokens,
    runs: first.runs + rest.runs,
  };
}

/** The request whose response begins with `begun`. */
function beginning(request: GenerateRequest, begun: readonly number[]): GenerateRequest {
  const { allowedIds, onToken, bannedFirstAt = 0, bannedFirstIds, maxTokens } = request;
  const all = (ids: readonly number[]) => [...begun, ...ids];
  return {
    ...request,
    begun,
    draft: undefined,
    maxTokens: maxTokens - begun.length,
    allowedIds: allowedIds && ((ids) => allowedIds(all(ids))),
    onToken: onToken && ((id, ids) => onToken(id, all(ids))),
    bannedFirstIds: bannedFirstAt < begun.length ? [] : bannedFirstIds,
    bannedFirstAt: bannedFirstAt - begun.length,
  };
}

/** Lines that leave the greedy one, at the places where that costs least. */
async function otherLines(
  decoder: Decoder,
  request: GenerateRequest,
  of: { greedy: Generation; lead: number; endsLine(ids: readonly number[]): boolean },
): Promise<Generation[]> {
  const { ids, logProbs, alternatives = [] } = of.greedy;
  const least = logProbs.reduce((a, b) => a + b, 0) - MOST_BEHIND;
  let before = 0;
  const leaving = alternatives.flatMap((others, at) => {
    const found = others.map(({ id, logProb }) => ({ at, id, logProb, total: before + logProb }));
    before += logProbs[at]!;
    // What spells the begun line stays as it is.
    return at < of.lead ? [] : found;
  });
  const taken = leaving
    .filter(({ id, total }) => total >= least && !request.stopIds.includes(id))
    .sort((a, b) => b.total - a.total)
    .slice(0, LINES - 1);
  const maxTokens = Math.min(request.maxTokens, ids.length + LONGER);
  const requests = taken
    .map(({ at, id }) => [...ids.slice(0, at), id])
    .map((begun) => ({ begun, whole: beginning({ ...request, maxTokens }, begun) }))
    // Where the token itself ends the line, nothing is to be written.
    .map(({ begun, whole }) => ({
      ...whole,
      maxTokens: of.endsLine(begun) ? 0 : whole.maxTokens,
      onToken: (_id: number, more: readonly number[]) => of.endsLine([...begun, ...more]),
    }));
  const made = await decoder.generateBatch(requests);
  return made.flatMap((rest, i): Generation[] => {
    const { at, logProb } = taken[i]!;
    const begun = requests[i]!.begun!;
    // A line that has not ended yet cannot be compared.
    if (rest.reason === 'length' && requests[i]!.maxTokens > 0) return [];
    return [
      {
        ...rest,
        reason: requests[i]!.maxTokens > 0 ? rest.reason : 'caller',
        ids: [...begun, ...rest.ids],
        logProbs: [...logProbs.slice(0, at), logProb, ...rest.logProbs],
      },
    ];
  });
}

function lineOf(generation: Generation, { tokenizer, given, offered }: LinePlace): Line {
  const written = behindGiven(tokenizer.decode(generation.ids), given);
  const blanks = /^\s*/.exec(written)![0].length;
  const end = written.indexOf('\n', blanks);
  const text = offered(end < 0 ? written : written.slice(0, end));
  if (text === null) return { generation, length: 0, text };
  const whole = given + text;
  const spelling = tokenizer.spelling();
  let left = Buffer.byteLength(whole);
  const length = generation.ids.findIndex((id) => {
    left -= spelling.bytesOf(id).length;
    return left < 0;
  });
  return { generation, length: length < 0 ? generation.ids.length : length, text: whole };
}

/**
 * The line with which the code below is likeliest, the greedy one of equals, and whether the code below may follow it at
 * once; null where it was cancelled.
 */
async function likeliest(
  decoder: Decoder,
  { prompt, cacheKey, signal }: GenerateRequest,
  lines: readonly Line[],
  { tokenizer, suffix }: LinePlace,
): Promise<{ best: Line; follows: boolean } | null> {
  const candidates = lines.filter(({ text }) => text !== null);
  if (candidates.length === 0) return { best: lines[0]!, follows: false };
  // Blank lines below say nothing, and the line that is begun here has a break of its own behind it.
  const below = /^[^\n]*\S/.test(suffix) ? suffix : `\n${suffix.replace(/^(?:[ \t]*\n)+/, '')}`;
  const responses = candidates.map(({ text }) => behindLine(tokenizer, text!, below));
  const found = await decoder.likelihoods({ prompt, cacheKey, signal, responses });
  if (!found) return null;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const scores = candidates.map(
    ({ generation, length }, i) => sum(generation.logProbs.slice(0, length)) + BELOW_WEIGHT * sum(found[i]!),
  );
  const chosen = scores.indexOf(Math.max(...scores));
  const begins = found[chosen]!.slice(0, FOLLOWING.tokens);
  return { best: candidates[chosen]!, follows: begins.length > 0 && sum(begins) >= FOLLOWING.least };
}

/** The ids of a line with the code below it, and where those of the code below begin. */
function behindLine(tokenizer: Tokenizer, line: string, below: string): { ids: number[]; from: number } {
  // Generous: characters that so many tokens may stand for.
  const ids = encodePlain(tokenizer, line + below.slice(0, BELOW_TOKENS * 16));
  const spelling = tokenizer.spelling();
  let left = Buffer.byteLength(line);
  const from = ids.findIndex((id) => {
    left -= spelling.bytesOf(id).length;
    return left < 0;
  });
  return { ids: ids.slice(0, from + BELOW_TOKENS), from };
}
