/** What a teacher reads: items of feedback as text, one form for training, recall and the recipe that taught the model to read it. */
import type { FeedbackKind } from '../protocol/signals';

export interface FeedbackItem {
  kind: FeedbackKind;
  text: string;
}

/** What a line of this kind begins with. */
export function feedbackPrefix(kind: FeedbackKind): string {
  return `${kind}: `;
}

/** Items as `kind: text` lines, each ended by a newline, the most relevant last (nearest to the code). */
export function feedbackText(items: readonly FeedbackItem[]): string {
  return items.map((item) => `${feedbackPrefix(item.kind)}${item.text.trim()}\n`).join('');
}

/**
 * The kept code as the teacher reads it: the whole line, from its start, with the solution in it. Cutting the line's
 * beginning off would leave text that stands nowhere in the project.
 */
export function keptItem(prefix: string, solution: string, suffix = ''): FeedbackItem {
  const lineStart = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const rest = suffix.slice(0, suffix.indexOf('\n') < 0 ? suffix.length : suffix.indexOf('\n'));
  return { kind: 'kept', text: dedent(`${lineStart}${solution.trimEnd()}${rest}`) };
}

/** Removes the first line's indentation from every line, as far as it has it. */
function dedent(text: string): string {
  const lines = text.split('\n');
  const indent = /^[ \t]*/.exec(lines[0] ?? '')?.[0] ?? '';
  return lines
    .map((line, index) => (index === 0 || line.startsWith(indent) ? line.slice(indent.length) : line))
    .join('\n')
    .trim();
}
