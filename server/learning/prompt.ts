/**
 * The one place that knows how a prompt is put together: completions, training and the teacher all come through here,
 * so that what is learned is asked for in the same form.
 *
 * Feedback stands before the code, in the form the model was made for (docs/learning.md):
 *   spm-continue   [<|feedback|>FEEDBACK]<|fim_prefix|><|fim_suffix|>SUFFIX<|fim_middle|><|file_sep|>path⏎PREFIX
 *   psm, with repository tokens   [<|repo_name|>project⏎<|file_sep|>feedback.txt⏎FEEDBACK<|file_sep|>path⏎]<|fim_prefix|>…
 *   psm or none, without them     a comment block at the top of PREFIX
 * Context (other files, edits, problems: context-text.ts) stands before all of it, since it changes least: what a key-value
 * cache holds of it lives on from one keystroke to the next.
 */
import type { PromptFormat, Tokenizer } from '../model/types';
import type { ContextPart } from '../prompt-context/types';
import { commentBlock } from '../syntax/comment-syntax';
import { encodeContext } from './context-text';
import { encodeHealed, givenBack } from './healing';

/** Token limits of a prompt. The code gives way to the feedback, never the other way round. */
export interface PromptBudget {
  /** The whole prompt. */
  prompt: number;
  /** Most that the code after the cursor may take. */
  suffix: number;
  /** Most that the context may take, on top of `prompt`; none where it is missing. */
  context?: number;
}

export interface PromptParts {
  format: PromptFormat;
  tokenizer: Tokenizer;
  /** Path as shown to the reader, relative to its workspace folder. */
  path: string;
  /** Code before the cursor, from the start of the file if possible: cuts then fall on the same lines while one types. */
  prefix: string;
  suffix: string;
  /** Text of `feedbackText`; the teacher's context, or recalled corrections. */
  feedback?: string;
  /** What else is known of the place, in the order in which it is shown (prompt-context/gather.ts). */
  context?: readonly ContextPart[];
  /** Decides the comment syntax for models without a feedback token, where the path does not. */
  languageId?: string;
  budget: PromptBudget;
}

/** Raised when the feedback alone leaves no room for code; `contexts.fitFeedback` prevents it. */
export class FeedbackTooLongError extends Error {}

/** Below this many tokens of code a prompt says nothing. */
const LEAST_CODE = 24;
/** Cuts fall on every eighth line, so that a growing prefix keeps its first tokens and with them the key-value cache. */
const LINE_STEP = 8;
/** Generous guess of characters per token: bounds what is encoded, not what is used. */
const CHARACTERS_PER_TOKEN = 5;

/**
 * Budget for a model's context: what the response leaves, a quarter of it at most for the code after the cursor.
 * @param contextLength tokens the model was made for
 * @param responseTokens tokens to keep free
 * @param most upper limit, for latency
 */
export function promptBudget(contextLength: number, responseTokens: number, most = 1024): PromptBudget {
  const prompt = Math.max(LEAST_CODE * 2, Math.min(contextLength - responseTokens, most));
  return { prompt, suffix: Math.floor(prompt / 4) };
}

/** A prompt, and the end of the code before the cursor that it leaves out: what comes next begins with it. */
export interface Prompt {
  ids: number[];
  /** '' for models that fill in the middle (see healing.ts). */
  given: string;
}

export interface BuiltPrompt extends Prompt {
  /** How many of the ids are context. */
  contextTokens: number;
}

/**
 * Builds the prompt's token ids, at most `budget.prompt` of them and `budget.context` of context.
 * @throws FeedbackTooLongError where the feedback leaves fewer than 24 tokens for code
 */
export function buildPrompt(parts: PromptParts): BuiltPrompt {
  const { format, tokenizer, budget } = parts;
  const given = givenBack(tokenizer, format, parts.prefix);
  const feedback = parts.feedback?.trim() ? `${parts.feedback.trimEnd()}\n` : '';
  const hasSlot = format.feedbackId !== undefined;
  const hasFiles = format.repoNameId !== undefined && format.fileSeparatorId !== undefined;

  const context = encodeContext(parts.context ?? [], budget.context ?? 0, parts);
  const hasContext = context.length > 0;
  const begin: number[] = format.beginId === undefined ? [] : [format.beginId];
  const head: number[] = [];
  let comment: number[] = [];
  if (feedback && hasSlot) head.push(format.feedbackId!, ...encodePlain(tokenizer, feedback));
  else if ((feedback || hasContext) && hasFiles && format.order === 'psm') {
    if (!hasContext) head.push(format.repoNameId!, ...encodePlain(tokenizer, 'project\n'));
    if (feedback) head.push(format.fileSeparatorId!, ...encodePlain(tokenizer, `feedback.txt\n${feedback}`));
    head.push(format.fileSeparatorId!, ...encodePlain(tokenizer, `${parts.path}\n`));
  } else if (feedback) comment = encodePlain(tokenizer, commentBlock(feedback, parts.path, parts.languageId));

  const title =
    format.order === 'spm-continue' && format.fileSeparatorId !== undefined
      ? [format.fileSeparatorId, ...encodePlain(tokenizer, `${parts.path}\n`)]
      : [];
  const marks = format.order === 'none' ? 0 : 3;
  const room = budget.prompt - begin.length - head.length - comment.length - title.length - marks;
  if (room < LEAST_CODE) {
    throw new FeedbackTooLongError(
      `The feedback takes ${head.length + comment.length} of ${budget.prompt} prompt tokens and leaves no room for code.`,
    );
  }
  // The code after the cursor gets its share, less where feedback has taken the room: what stands before tells more.
  const suffixIds =
    format.order === 'none'
      ? []
      : encodeHead(tokenizer, parts.suffix, Math.min(budget.suffix, Math.floor(room / 2)));
  const encodeCode = (text: string) => encodeTail(tokenizer, text, room - suffixIds.length);
  const prefixIds = given
    ? encodeHealed(tokenizer, parts.prefix, given, encodeCode)
    : encodeCode(parts.prefix);
  // Nothing predicts the very first token.
  if (format.order === 'none' && prefixIds.length === 0) prefixIds.push(...encodePlain(tokenizer, '\n'));

  const made = (...ids: number[]): BuiltPrompt => ({
    ids: [...begin, ...context, ...ids],
    given,
    contextTokens: context.length,
  });
  if (format.order === 'none') return made(...head, ...comment, ...prefixIds);
  // Codestral has no mark before its suffix.
  const opening = format.prefixId === undefined ? [] : [format.prefixId];
  const [after, middle] = [format.suffixId!, format.middleId!];
  if (format.order === 'spm')
    return made(...head, after, ...suffixIds, ...opening, ...comment, ...prefixIds, middle);
  if (format.order === 'psm') {
    return made(...head, ...opening, ...comment, ...prefixIds, after, ...suffixIds, middle);
  }
  return made(...head, ...opening, after, ...suffixIds, middle, ...title, ...comment, ...prefixIds);
}

/**
 * Token ids of what should stand at the cursor (behind what its prompt left out, where it did), with the stop token that
 * training scores at the end.
 * Encoded once and then stored: never re-tokenise a response.
 */
export function responseIds(tokenizer: Tokenizer, format: PromptFormat, text: string): number[] {
  const stop = format.stopIds[0];
  const ids = encodePlain(tokenizer, text);
  return stop === undefined ? ids : [...ids, stop];
}

/** The last `limit` tokens of a text, begun at a line start where that costs no more than half of them. */
export function encodeTail(tokenizer: Tokenizer, text: string, limit: number): number[] {
  if (limit <= 0 || text === '') return [];
  const reach = text.slice(-limit * CHARACTERS_PER_TOKEN);
  const ids = encodePlain(tokenizer, reach);
  if (ids.length <= limit && reach.length === text.length) return ids;
  const tail = ids.slice(-limit);
  const length = Math.min(tokenizer.decode(tail).length, text.length);
  const starts = lineStarts(text).filter(({ offset }) => offset >= text.length - length);
  const stepped = starts.filter(({ number }) => number % LINE_STEP === 0);
  for (const { offset } of [...stepped, ...starts]) {
    if (text.length - offset < length / 2) continue;
    const whole = encodePlain(tokenizer, text.slice(offset));
    if (whole.length <= limit) return whole;
  }
  return tail;
}

/** The first `limit` tokens of a text, ended at a line end where that costs no more than half of them. */
export function encodeHead(tokenizer: Tokenizer, text: string, limit: number): number[] {
  if (limit <= 0 || text === '') return [];
  const whole = text.slice(0, limit * CHARACTERS_PER_TOKEN);
  const ids = encodePlain(tokenizer, whole);
  if (ids.length <= limit && whole.length === text.length) return ids;
  const cut = tokenizer.decode(ids.slice(0, limit));
  const end = cut.lastIndexOf('\n');
  return end > cut.length / 2 ? encodePlain(tokenizer, text.slice(0, end + 1)) : ids.slice(0, limit);
}

/**
 * Token ids of text that is only text: a special token that someone spelled out in a source file or in a test's output
 * becomes ordinary tokens, so that no text can close the prompt or open another part of it.
 */
export function encodePlain(tokenizer: Tokenizer, text: string): number[] {
  return tokenizer.encodeText(text);
}

function lineStarts(text: string): { number: number; offset: number }[] {
  const starts = [{ number: 0, offset: 0 }];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (at + 1 < text.length) starts.push({ number: starts.length, offset: at + 1 });
  }
  return starts;
}
