/** Files without the lines that hold secrets. */
import { findSecrets } from '../workspace/redaction';

/**
 * The text without the lines that hold a secret or a part of one; a file is searched as a whole before any piece of it is
 * taken, since a key may begin above a piece. Text beyond what is searched counts as secret.
 */
export async function withoutSecretLines(text: string): Promise<string> {
  const findings = await findSecrets(text);
  let out = text;
  for (const { start, end } of findings.reverse()) {
    const from = out.lastIndexOf('\n', start - 1) + 1;
    const to = out.indexOf('\n', Math.max(start, end - 1));
    out = out.slice(0, from) + (to < 0 ? '' : out.slice(to + 1));
  }
  return out;
}
