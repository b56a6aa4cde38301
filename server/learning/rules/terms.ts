/** What a correction changed, as terms that can be compared: the kept and the offered text, names of the place told from the rest. */
import type { LearningEvent } from '../../store/records';
import { nearbyNames } from '../../syntax/nearby-names';
import { type Token, tokensOf } from '../../syntax/tokens';
import { type Atom, type Slot, slotsOf } from './slots';

/** What is read of a correction. */
export type Correction = Pick<LearningEvent, 'id' | 'languageId' | 'prefix' | 'text' | 'solution' | 'words'>;

export interface Term {
  id: number;
  /** Languages that are written alike are one. */
  language: string;
  kept: Slot[];
  offered: Slot[];
  /** What the developer said; null where nothing. */
  words: string | null;
  /** What it says beside the names of its place, and what of it is new. */
  said: string;
  /** Words of it that are no names of its place, each once. */
  telling: string[];
}

/** Longer changes are no form that could be said in a line. */
const MOST_CHARACTERS = 400;
const MOST_TOKENS = 80;

const KEYWORDS = new Set(
  (
    'if else for while do return function const let var class new await async throw try catch finally import export from ' +
    'def self elif in not and or raise with this super null undefined true false None True False void typeof instanceof of is ' +
    'yield case break continue switch default static public private protected extends as pass lambda fn func mut pub use ' +
    'struct enum interface impl nil defer'
  ).split(' '),
);

/** A correction's term; null where nobody wrote a text, or it is no change that has a form. Pure, well under a millisecond. */
export function termOf(correction: Correction): Term | null {
  if (correction.solution === null) return null;
  const { kept, offered } = changedLines(correction.solution, correction.text);
  if (kept === '' || kept.length > MOST_CHARACTERS) return null;
  const { languageId } = correction;
  const keptTokens = tokensOf(kept, languageId).filter(isCode);
  const offeredTokens = tokensOf(offered.slice(0, MOST_CHARACTERS), languageId).filter(isCode);
  if (keptTokens.length === 0 || keptTokens.length > MOST_TOKENS) return null;
  const names = new Set(nearbyNames(correction.prefix).map(({ name }) => name));
  for (const match of kept.matchAll(/\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)/g)) names.add(match[1]!);
  const had = new Set(offeredTokens.map(({ text }) => text));
  // Nothing came and nothing went: the order is what was corrected, and all of it is the correction's.
  const isOrder = sameTokens(keptTokens, offeredTokens);
  const isFresh = (token: Token) => isOrder || !had.has(token.text);
  const own = atoms(withoutEnd(keptTokens), kept, names, isFresh);
  const before = atoms(withoutEnd(offeredTokens), offered, names, () => false);
  const term: Term = {
    id: correction.id,
    language: languageId.replace(/^(?:java|type)script(?:react)?$/, 'script'),
    kept: slotsOf(own),
    offered: slotsOf(before),
    words: correction.words?.trim() || null,
    said: saidOf(own),
    telling: tellingOf(own),
  };
  const written = JSON.stringify(own.map(({ text }) => text));
  return written === JSON.stringify(before.map(({ text }) => text)) ? null : term;
}

function tellingOf(kept: readonly Atom[]): string[] {
  const words = kept
    .filter(({ kind, local }) => kind !== 'mark' && !local)
    .map(({ made, text }) => (made ? `${made.before} ${made.after}` : text));
  return [...new Set(words)];
}

function saidOf(kept: readonly Atom[]): string {
  return JSON.stringify(
    kept.map(({ text, local, made, fresh }) =>
      local ? 0 : [made ? [made.before, made.after, made.capital] : text, fresh ? 1 : 0],
    ),
  );
}

const isCode = ({ kind }: Token): boolean => kind !== 'comment';

/** Whether the statement is ended by a mark is a matter of style. */
function withoutEnd(tokens: readonly Token[]): readonly Token[] {
  return tokens.length > 1 && tokens.at(-1)!.text === ';' ? tokens.slice(0, -1) : tokens;
}

/** Without the lines at either end that both have. */
function changedLines(solution: string, text: string): { kept: string; offered: string } {
  const kept = linesOf(solution);
  const offered = linesOf(text);
  while (kept.length > 1 && offered.length > 1 && kept[0]!.trim() === offered[0]!.trim()) {
    kept.shift();
    offered.shift();
  }
  while (kept.length > 1 && offered.length > 1 && kept.at(-1)!.trim() === offered.at(-1)!.trim()) {
    kept.pop();
    offered.pop();
  }
  return { kept: kept.join('\n').trim(), offered: offered.join('\n').trim() };
}

const MOST_LINES = 200;

function linesOf(text: string): string[] {
  return text.trim().split('\n').slice(0, MOST_LINES);
}

function sameTokens(one: readonly Token[], other: readonly Token[]): boolean {
  const sorted = (tokens: readonly Token[]) => JSON.stringify(tokens.map(({ text }) => text).sort());
  return one.length === other.length && sorted(one) === sorted(other);
}

function atoms(
  tokens: readonly Token[],
  code: string,
  names: ReadonlySet<string>,
  isFresh: (token: Token) => boolean,
): Atom[] {
  const here = new Set([
    ...names,
    ...tokens.filter((token) => kindOf(token, names) === 'word').map(({ text }) => text),
  ]);
  let at = 0;
  return tokens.map((token, i) => {
    const open = token.kind === 'string' ? `${token.prefix}${token.quote}` : '';
    const begin = Math.max(at, code.indexOf(open + token.text, at));
    const spaced = begin > at && at > 0;
    at = begin + open.length + token.text.length + (token.quote?.length ?? 0);
    const kind = kindOf(token, names);
    const local = kind !== 'mark' && names.has(token.text);
    return {
      kind,
      text: token.text,
      open,
      close: token.quote ?? '',
      spaced,
      local,
      made: kind === 'word' && !local ? madeOf(token.text, here) : null,
      fresh: isFresh(token),
      structural:
        /^[(.:!<]$/.test(tokens[i + 1]?.text ?? '') || /^(?:[.:>]|new)$/.test(tokens[i - 1]?.text ?? ''),
    };
  });
}

/** A word of the language that is a name here (`match`, `from`) is that name. */
function kindOf({ kind, text }: Token, names: ReadonlySet<string>): Atom['kind'] {
  if (kind === 'string' || kind === 'number') return kind;
  return kind === 'word' && (names.has(text) || !KEYWORDS.has(text)) ? 'word' : 'mark';
}

/** The longest other name that this one is made of, at the border of its words. */
function madeOf(text: string, names: ReadonlySet<string>): Atom['made'] {
  let best: Atom['made'] = null;
  for (const name of names) {
    if (name === text || name.length >= text.length || name.length <= (best?.name.length ?? 0)) continue;
    for (const capital of [false, true]) {
      const part = capital ? name[0]!.toUpperCase() + name.slice(1) : name;
      if (capital && part === name) continue;
      const from = text.indexOf(part);
      if (from < 0) continue;
      const [before, after] = [text.slice(0, from), text.slice(from + part.length)];
      const begins = capital ? /[a-z0-9]$/.test(before) : before === '' || before.endsWith('_');
      if (begins && (after === '' || /^[_A-Z0-9]/.test(after))) best = { before, name, after, capital };
    }
  }
  return best;
}
