/**
 * Where no one wrote the right text, the teacher writes it: proposals are what it samples after reading the feedback, and
 * the code that the feedback quotes with its placeholders replaced by names of the place. What does not parse, repeats the
 * feedback's placeholders, did not come to an end or is the completion that was refused is left out; of the rest the teacher
 * keeps what it finds likeliest, or, where tests can tell, what passes them (SDPO's sibling success).
 */

import { behindGiven, spelled } from '../../learning/healing';
import { encodePlain } from '../../learning/prompt';
import type { Decoder, Model, Scorer } from '../../model/types';
import type { LearningEvent } from '../../store/records';
import type { ParseCheck } from '../../syntax/parse-check';
import { meanLogProb } from '../gates/gates';
import type { Prepared } from '../trainer/prepare';
import type { RoundOptions } from '../types';
import { isFilledIn, placeholders, quotedCode, replacePlaceholder, shapeOf } from './fill-in';

/** A text that the teacher wrote where nobody had, and stands by. */
export interface Answer {
  text: string;
  /** The stop token last, where the model has one. */
  ids: number[];
  /** The teacher's mean log-prob per token. */
  logProb: number;
  /** Sampled from the teacher, or made of code that the feedback quotes. */
  from: 'sample' | 'quoted';
}

/** How good a text is at an event's place, in [0, 1], where tests can say so. */
export type Reward = (event: LearningEvent, text: string) => number;

/** Proposals that go on after each replaced placeholder. */
const BEAM = 4;
/** Placeholders replaced at most. */
const MOST_PLACEHOLDERS = 3;
const STATEMENT_ENDS = /\.(?:[cm]?[jt]sx?|java|c|cc|cpp|h|cs|rs|php)$/;

export interface AnswerParts {
  model: Model;
  decoder: () => Promise<Decoder>;
  scorer: Scorer;
  parsers: ParseCheck;
  options: RoundOptions;
  /** null where no test can judge a sample. */
  reward: Reward | null;
  /** Told how many samples were drawn. */
  drawn(count: number): void;
}

/** The teacher's answers to an event, best first, at most `count`; none where nothing holds. */
export async function teacherAnswers(parts: AnswerParts, one: Prepared, count: number): Promise<Answer[]> {
  const { model, scorer, reward } = parts;
  const prompt = one.teacherPrompt;
  if (prompt === null) return [];
  const stop = model.format.stopIds[0];
  const made = new Map<string, Answer>();
  const score = async (text: string, from: Answer['from']): Promise<Answer> => {
    const known = made.get(text);
    if (known) return known;
    const body = encodePlain(model.tokenizer, one.given + text);
    const ids = stop === undefined ? body : [...body, stop];
    const { logProbs } = await scorer.score(prompt, ids, null, 0);
    const answer = { text, ids, logProb: meanLogProb(logProbs), from };
    made.set(text, answer);
    return answer;
  };
  const proposals: Answer[] = [];
  for (const text of await samples(parts, one)) proposals.push(await score(text, 'sample'));
  for (const quoted of quotedCode(one.feedback)) {
    for (const code of asStatement(quoted, one.event.text))
      proposals.push(...(await filledIn(parts, one, code, score)));
  }

  const good: Answer[] = [];
  for (const answer of new Set(proposals)) if (await holds(parts, one, answer)) good.push(answer);
  good.sort((a, b) => b.logProb - a.logProb);
  if (!reward) return good.slice(0, count);
  return good.filter(({ text }) => reward(one.event, text) > 0).slice(0, count);
}

/** What is quoted, and the same as the kind of statement that was offered: `throw fail(…)` where that threw. */
function asStatement(code: string, offered: string): string[] {
  const keyword = /^\s*(?:throw|return|await|raise)\b/.exec(offered)?.[0].trim();
  return keyword && !code.startsWith(keyword) ? [code, `${keyword} ${code}`] : [code];
}

async function holds({ parsers }: AnswerParts, one: Prepared, { text }: Answer): Promise<boolean> {
  const { event, feedback } = one;
  if (text.trim() === '' || text.trim() === event.text.trim()) return false;
  // Feedback that quotes code asks for code of that form.
  const quoted = quotedCode(feedback);
  const shape = shapeOf(text);
  if (quoted.length > 0 && !quoted.some((code) => shape.includes(shapeOf(code)))) return false;
  return isFilledIn(text, feedback, event) && (await parsers.verdict(event, text)) !== 'breaks';
}

/** What the teacher writes: its likeliest text and samples, those that it brought to an end. */
async function samples(parts: AnswerParts, one: Prepared): Promise<string[]> {
  const { model, options } = parts;
  const { tokenizer, format } = model;
  const decoder = await parts.decoder();
  decoder.setAdapter(null);
  const bannedIds = tokenizer.specialIds().filter((id) => !format.stopIds.includes(id));
  const requests = Array.from({ length: options.answerSamples }, (_, i) => ({
    ...spelled(tokenizer, format, one.given),
    prompt: one.teacherPrompt!,
    maxTokens: options.responseTokens,
    stopIds: format.stopIds,
    bannedIds,
    temperature: i === 0 ? 0 : options.temperature,
    seed: (options.seed * 7919 + one.event.id * 104_729 + i) >>> 0,
  }));
  const made = await decoder.generateBatch(requests);
  parts.drawn(made.length);
  return made
    .filter(({ reason }) => reason === 'stop')
    .map(({ ids }) => behindGiven(tokenizer.decode(ids), one.given));
}

/** A quoted piece of code with its placeholders replaced one after another, the teacher keeping the likeliest at each. */
async function filledIn(
  parts: AnswerParts,
  one: Prepared,
  code: string,
  score: (text: string, from: Answer['from']) => Promise<Answer>,
): Promise<Answer[]> {
  const ended = STATEMENT_ENDS.test(one.event.path) && !code.endsWith(';') ? `${code};` : code;
  let beam = [{ answer: await score(ended, 'quoted'), used: [] as string[] }];
  for (const { word, options } of placeholders(ended, one.event).slice(0, MOST_PLACEHOLDERS)) {
    const next: typeof beam = [];
    for (const { answer, used } of beam) {
      for (const by of options) {
        // Two placeholders are two things.
        const bare = by.replace(/'/g, '');
        if (used.includes(bare)) continue;
        const text = replacePlaceholder(answer.text, word, by);
        next.push({ answer: await score(text, 'quoted'), used: [...used, bare] });
      }
    }
    if (next.length === 0) return [];
    // Tests judge best at the end: then more proposals get that far.
    const width = parts.reward ? 4 * BEAM : BEAM;
    beam = next.sort((a, b) => b.answer.logProb - a.answer.logProb).slice(0, width);
  }
  return beam.map(({ answer }) => answer);
}
