/** One completion by a model that a server has: asked, read as it comes, and cut by the same rules as any other. */
import type { Grammars } from '../../syntax/grammars';
import { sidesWithoutSecrets, withoutSecrets } from '../../workspace/redaction/index';
import type { CompletionQuery } from '../complete';
import { OfferedText } from '../offered-text';
import { routeOf, ServedError } from './address';
import type { ServedModel } from './connect';
import { ask, refusal } from './http';
import { questionOf } from './question';
import { pieces } from './stream';

export interface ServedAnswer {
  /** What to offer at the cursor; null for nothing. */
  text: string | null;
  /** Why nothing is offered, in one sentence; null where something is. */
  why: string | null;
  /** All that the model wrote at the cursor, as far as it was waited for. */
  raw: string;
  /** A newer request has replaced it. */
  cancelled: boolean;
}

/** More than the question shows, in characters: a secret is known by where it begins. */
const MOST_BEFORE = 9_000;
const MOST_AFTER = 4_000;
/** What is answered where it does not matter any more. */
export const CANCELLED: ServedAnswer = {
  text: null,
  why: 'A newer request has replaced it.',
  raw: '',
  cancelled: true,
};

/** How often it is looked whether a newer request has come, in ms. */
const POLL_MS = 15;
/** Who waits longer has typed on, in ms. */
const LONGEST_MS = 20_000;

/**
 * Secrets are taken out of everything that is sent. The connection is closed once the completion has ended, or a newer
 * request has come: the server stops writing then.
 *
 * @throws ServedError with one sentence where the server cannot be reached, or refuses
 */
export async function completeServed(
  served: ServedModel,
  grammars: Grammars,
  { signal, ...query }: Omit<CompletionQuery, 'document'>,
): Promise<ServedAnswer> {
  const { path, languageId, prefix, suffix, inText, feedback, context = [], lookups, maxTokens } = query;
  const nearby = [...context.map(({ text }) => text), ...lookups, ...(feedback === null ? [] : [feedback])];
  const rules = await OfferedText.at({ path, languageId, prefix, suffix, inText, nearby }, grammars);
  const [before, after] = sidesWithoutSecrets(prefix.slice(-MOST_BEFORE), suffix.slice(0, MOST_AFTER));
  const question = questionOf(served, {
    path,
    languageId,
    prefix: before,
    suffix: after,
    feedback: feedback && withoutSecrets(feedback),
    context: context.map((part) => ({ ...part, text: withoutSecrets(part.text) })),
    maxTokens,
  });
  const stop = new AbortController();
  const timeout = setTimeout(() => stop.abort(), LONGEST_MS);
  const poll = setInterval(() => signal?.aborted && stop.abort(), POLL_MS);
  const { base, key } = served;
  let written = '';
  let ended = false;
  try {
    const url = routeOf(base, question.route);
    const response = await ask(base, url, key, { body: question.body, signal: stop.signal });
    if (!response.ok) throw await refusal(base, response, question.route);
    if (!response.body) throw new ServedError(`${base.host} answers without a word.`);
    for await (const piece of pieces(response.body, base.host)) {
      written += piece.text;
      ended ||= piece.ended;
      const raw = behind(written.replaceAll('\r\n', '\n'), question.given);
      if (raw === null || rules.isComplete(raw)) break;
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    if (signal?.aborted) return CANCELLED;
    throw new ServedError(`${base.host} wrote nothing within ${LONGEST_MS / 1000} s.`);
  } finally {
    clearTimeout(timeout);
    clearInterval(poll);
    stop.abort();
  }
  const raw = behind(written.replaceAll('\r\n', '\n'), question.given);
  if (raw === null || raw === '') return { text: null, why: OTHERWISE, raw: '', cancelled: false };
  return { ...rules.offered(rules.completionOf(raw, ended)), raw, cancelled: false };
}

const OTHERWISE = 'The model goes on otherwise than the line begins.';

/** What was written behind what the question left out; '' while that is still being said, null where something else is. */
function behind(written: string, given: string): string | null {
  if (written.startsWith(given)) return written.slice(given.length);
  return given.startsWith(written) ? '' : null;
}
