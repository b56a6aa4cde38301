/**
 * The leak check: a model that was trained next to feedback must not write feedback when it sees none. No five tokens in
 * a row of the templates, of test output or of someone's words may appear in completions made without context. The kept
 * code is left out: writing that is the point.
 */
import { feedbackPrefix } from '../../learning/feedback-text';
import { FEEDBACK_KINDS } from '../../protocol/signals';

const TEMPLATES = [
  ...FEEDBACK_KINDS.map(feedbackPrefix),
  '<|feedback|>',
  '<|repo_name|>project',
  'feedback.txt',
];
const LENGTH = 5;

/**
 * @param outputs completions made without feedback
 * @param feedback test output, messages and words of the round's events, without kept code
 * @param allowed code that may be written: prompts and kept texts
 * @returns one sentence that quotes the leak, null where there is none
 */
export function findLeak(
  outputs: readonly string[],
  feedback: readonly string[],
  allowed: readonly string[],
): string | null {
  const open = new Set(allowed.flatMap(fiveGrams));
  const closed = new Set(feedback.flatMap(fiveGrams).filter((gram) => !open.has(gram)));
  for (const output of outputs) {
    const template = TEMPLATES.find(
      (text) => output.trimStart().startsWith(text) && !allowed.some((code) => code.includes(text)),
    );
    if (template) return `a completion begins with the feedback template "${template.trim()}".`;
    const gram = fiveGrams(output).find((one) => closed.has(one));
    if (gram) return `a completion repeats feedback: "${gram}".`;
  }
  return null;
}

/**
 * Every five words in a row that read as prose: code that someone quotes in a message may be written, that is what the
 * message asks for.
 */
export function fiveGrams(text: string): string[] {
  const words = text.match(/[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu) ?? [];
  const grams: string[] = [];
  for (let i = 0; i + LENGTH <= words.length; i++) {
    const gram = words.slice(i, i + LENGTH);
    const prose = gram.filter((word) => /^\p{L}/u.test(word)).length >= LENGTH - 1;
    if (prose && !gram.some((word) => /^[(){}[\]<>=;$"]$/.test(word))) grams.push(gram.join(' '));
  }
  return grams;
}
