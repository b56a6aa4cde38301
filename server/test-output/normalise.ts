/** A test failure as the teacher reads it: what was expected, what came, where. Short, without paths or secrets. */
import { yieldToEventLoop } from '../base/event-loop';
import { stripAnsi } from '../base/terminal-text';
import { redact, withoutSecrets } from '../workspace/redaction';
import type { TestFailure } from './report';

/** Characters of feedback text, at most (docs/method.md). */
export const OUTPUT_LIMIT = 2_000;
/** Frames that are told for each failure. */
const FRAMES = 3;

/** Failing tests only: name, message (searched for secrets before it is shortened), the first frames. At most 2,000 characters; the first failures win. */
export async function normalise(
  failures: readonly TestFailure[],
  folders: readonly string[],
): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for (const failure of failures) {
    // A message may be long: others have their turn between two.
    await yieldToEventLoop();
    const where = failure.frames.slice(0, FRAMES).map((frame) => `  at ${frame.file}:${frame.line}`);
    const part = [failure.name, tidy(withoutSecrets(stripAnsi(failure.message))), ...where]
      .filter((line) => line !== '')
      .join('\n');
    if (length > 0 && length + part.length > OUTPUT_LIMIT) {
      break;
    }
    parts.push(part);
    length += part.length + 1;
  }
  const { text } = await redact(parts.join('\n'), folders);
  return text.slice(0, OUTPUT_LIMIT);
}

/** Without blank lines, rulers and trailing space; long lines cut in the middle. */
function tidy(message: string): string {
  return message
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => /[\p{L}\p{N}]/u.test(line) || /^\s*[+-]/.test(line))
    .slice(0, 30)
    .map((line) => (line.length > 300 ? `${line.slice(0, 200)} … ${line.slice(-80)}` : line))
    .join('\n');
}
