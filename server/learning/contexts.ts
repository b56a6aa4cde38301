/**
 * The teacher's context: what it reads besides the student's prompt (SDPO section 3.1, SDFT section 3.2). It is text of
 * the repository and of its tools, never an instruction. The student's own failed attempt stays out: a teacher that
 * reads it repeats it (48.3 → 44.5 in SDPO's table 4).
 */

import { stripVTControlCharacters } from 'node:util';
import type { Tokenizer } from '../model/types';
import { SIGNALS } from '../protocol/signals';
import type { LearningEvent } from '../store/records';
import { type FeedbackItem, feedbackText, keptItem } from './feedback-text';

/** What of an event the teacher is shown; the arms of the benchmark differ here. */
export interface ContextParts {
  solution: boolean;
  output: boolean;
  words: boolean;
  /** For the comparison only: the failed attempt. */
  attempt?: boolean;
}

export const EVERYTHING: ContextParts = { solution: true, output: true, words: true };

const MOST_CHARACTERS = 2000;
/** An absolute path of two folders or more, POSIX or Windows, with or without file://. */
const ABSOLUTE_PATH = /(?:file:\/\/)?(?:[A-Za-z]:)?(?:[\\/][\w.@~+-]+){2,}/g;

/**
 * Test output or a message as the teacher reads it: no colours, no absolute paths (their last piece stays), no blank
 * or repeated lines, no special token's text, at most 2,000 characters. Idempotent; capture normalises the same way.
 */
export function normaliseOutput(text: string, most = MOST_CHARACTERS): string {
  const lines = stripVTControlCharacters(text)
    .replace(/\r\n?/g, '\n')
    .replace(ABSOLUTE_PATH, (path) => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1))
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line, index, all) => line !== '' && line !== all[index - 1]);
  const whole = lines.join('\n');
  if (whole.length <= most) return whole;
  const cut = whole.slice(0, most);
  return cut.slice(0, Math.max(cut.lastIndexOf('\n'), most / 2));
}

/**
 * The event's feedback as items, the most relevant (the code that should have stood there) last.
 * Empty where the event has nothing of what is asked for.
 */
export function teacherItems(event: LearningEvent, parts: ContextParts = EVERYTHING): FeedbackItem[] {
  const items: FeedbackItem[] = [];
  if (parts.attempt && event.text.trim())
    items.push({ kind: 'error', text: `rejected ${event.text.trim()}` });
  if (parts.output && event.output) {
    const kind = event.signals.some((signal) => SIGNALS[signal].teacher.includes('test')) ? 'test' : 'error';
    const text = normaliseOutput(event.output);
    if (text) items.push({ kind, text });
  }
  if (parts.words && event.words?.trim())
    items.push({ kind: 'words', text: normaliseOutput(event.words, 500) });
  if (parts.solution && event.solution?.trim()) {
    items.push(keptItem(event.prefix, event.solution, event.suffix));
  }
  return items;
}

/**
 * Leaves out the least relevant items until the rest fits; an only item that is still too long is cut at its end.
 * @param tokens most tokens of the resulting text
 */
export function fitFeedback(items: readonly FeedbackItem[], tokenizer: Tokenizer, tokens: number): string {
  for (let from = 0; from < items.length; from++) {
    const text = feedbackText(items.slice(from));
    if (tokenizer.encodeText(text).length <= tokens) return text;
  }
  const last = items.at(-1);
  if (!last) return '';
  const cut = tokenizer.decode(tokenizer.encodeText(feedbackText([last])).slice(0, Math.max(0, tokens - 1)));
  return cut.trim() ? `${cut.trimEnd()}\n` : '';
}

/** The event's teacher context as text, at most half of a prompt. */
export function teacherContext(
  event: LearningEvent,
  tokenizer: Tokenizer,
  promptTokens: number,
  parts: ContextParts = EVERYTHING,
): string {
  return fitFeedback(teacherItems(event, parts), tokenizer, Math.floor(promptTokens / 2));
}
