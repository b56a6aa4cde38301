/** Whether a cursor stands in a text for people: a comment, or a string of several lines as Python documents its functions with. */
import { lexisOf } from '../syntax/lexis';
import { isQuote, scan } from '../syntax/scan';

/** So much of a document is looked at, in characters: it is done at every keystroke. */
const REACH = 60_000;

/**
 * @param before the document up to the cursor, with LF. Where it begins before what is looked at, code is taken to begin
 * there.
 */
export function standsInText(before: string, path: string, languageId: string): boolean {
  const start = before.length <= REACH ? 0 : before.indexOf('\n', before.length - REACH) + 1;
  const code = before.slice(start);
  const { inComment, open } = scan(code, lexisOf(path, languageId, code));
  const innermost = open.at(-1);
  return inComment || (innermost !== undefined && isQuote(innermost.text) && innermost.text.length === 3);
}
