/** The sign that a correction was seen: for some seconds in place of the status item's words. Knows nothing of the editor. */
import type { ServerNotifications } from '../../server/protocol/messages';

type Noted = ServerNotifications['hindsight/noted'];

/** How long the sign stays, in ms. */
export const NOTED_STAYS = 8_000;
/** Characters of each text in the status bar. */
const MOST = 28;

/** In one line: what stands there now, and what was offered. */
export function notedWords({ offered, kept }: Noted): string {
  const [was, is] = differing(oneLine(offered), oneLine(kept));
  return is === '' ? `noted: without “${cut(was)}”` : `noted: ${cut(is)} instead of ${cut(was)}`;
}

const oneLine = (text: string): string => text.trim().split('\n', 1)[0]!.trim();
const cut = (text: string): string => (text.length <= MOST ? text : `${text.slice(0, MOST - 1)}…`);

/** From the word on in which they begin to differ. */
function differing(one: string, other: string): [string, string] {
  let same = 0;
  while (same < one.length && same < other.length && one[same] === other[same]) same++;
  let start = same;
  while (start > 0 && /[\w$.]/.test(one[start - 1]!)) start--;
  // Short ones are told whole, and so are those of which nothing would be left.
  return one.length <= MOST && other.length <= MOST
    ? [one, other]
    : [one.slice(start).trim() || one, other.slice(start).trim() || other];
}
