/** Corrections that say the same, as rules with their places. In memory and incremental; the same rules in whatever order they come. */
import { createHash } from 'node:crypto';
import { canonical, type Form, formOf } from './form';
import { type Atom, shapeOf } from './slots';
import { type Correction, type Term, termOf } from './terms';

export interface Rule extends Form {
  /** The same for the same form in the same language. */
  key: string;
  language: string;
  /** What the developer said, the last of it; null where nothing. */
  sentence: string | null;
  /** Ids of the corrections, ascending. */
  places: number[];
}

/** Kept texts of one shape. */
interface Bucket {
  terms: Map<number, Term>;
  /** Found rules; null while a change waits to be looked at. */
  rules: Rule[] | null;
}

/** Pairs of kinds that are compared in a bucket, some ten milliseconds; and what one costs that is linked already. */
const MOST_COST = 5_000;
const LINKED_COST = 0.05;

export class RuleBook {
  private readonly buckets = new Map<string, Bucket>();
  private readonly where = new Map<number, string>();

  get size(): number {
    return this.where.size;
  }

  /** Takes a correction in, or anew where its id is known. What has no form is left out. */
  add(correction: Correction): void {
    this.remove(correction.id);
    const term = termOf(correction);
    if (!term) return;
    const name = `${term.language} ${shapeOf(term.kept)}`;
    const bucket = this.buckets.get(name) ?? { terms: new Map(), rules: null };
    bucket.terms.set(term.id, term);
    bucket.rules = null;
    this.buckets.set(name, bucket);
    this.where.set(term.id, name);
  }

  remove(id: number): void {
    const name = this.where.get(id);
    if (name === undefined) return;
    this.where.delete(id);
    const bucket = this.buckets.get(name)!;
    bucket.terms.delete(id);
    bucket.rules = null;
    if (bucket.terms.size === 0) this.buckets.delete(name);
  }

  clear(): void {
    this.buckets.clear();
    this.where.clear();
  }

  /** Of these rules the one that a text says at a place; null where none of them does. */
  saidBy(rules: readonly Rule[], text: Pick<Correction, 'languageId' | 'prefix' | 'text'>): Rule | null {
    const term = termOf({ ...text, id: -1, text: '', solution: text.text, words: null });
    if (!term) return null;
    const terms = this.buckets.get(`${term.language} ${shapeOf(term.kept)}`)?.terms;
    const says = ({ places }: Rule) => places.some((id) => terms?.has(id) && saySame(terms.get(id)!, term));
    return (terms && rules.find(says)) ?? null;
  }

  /** All rules, those with the most places first: of two corrections or more, or of one that the developer said a sentence of. */
  rules(): Rule[] {
    const all = [...this.buckets.values()].flatMap((bucket) => {
      bucket.rules ??= rulesOf([...bucket.terms.values()]);
      return bucket.rules;
    });
    return all.sort((a, b) => b.places.length - a.places.length || a.places[0]! - b.places[0]!);
  }
}

/** The rules among corrections; see RuleBook. */
export function findRules(corrections: Iterable<Correction>): Rule[] {
  const book = new RuleBook();
  for (const correction of corrections) book.add(correction);
  return book.rules();
}

function rulesOf(terms: readonly Term[]): Rule[] {
  const kinds = new Map<string, Term[]>();
  for (const term of terms) {
    const known = kinds.get(term.said);
    if (known) known.push(term);
    else kinds.set(term.said, [term]);
  }
  return groups([...kinds.values()])
    .filter((group) => group.length > 1 || group[0]!.words !== null)
    .map(toRule);
}

/** Of many terms some from all over, by their ids: a form is read off these. */
function spread(terms: readonly Term[]): Term[] {
  const sorted = [...terms].sort((a, b) => a.id - b.id);
  const step = Math.max(1, sorted.length / MOST_READ);
  return Array.from({ length: Math.min(MOST_READ, sorted.length) }, (_, i) => sorted[Math.floor(i * step)]!);
}

const MOST_READ = 120;

function toRule(terms: Term[]): Rule {
  const places = terms.map(({ id }) => id).sort((a, b) => a - b);
  const said = terms.filter(({ words }) => words !== null).sort((a, b) => b.id - a.id);
  const { language } = terms[0]!;
  const shown = spread(terms);
  const key = createHash('sha256')
    .update(`${language}\n${canonical(shown)}`)
    .digest('hex')
    .slice(0, 16);
  return { key, language, ...formOf(shown), sentence: said[0]?.words ?? null, places };
}

/** Kinds that have a word in common, by the word: the rarest words first, they say the most. */
function sharers(kinds: readonly Term[][]): number[][] {
  const byWord = new Map<string, number[]>();
  for (const [i, [term]] of kinds.entries()) {
    for (const word of term!.telling) {
      const known = byWord.get(word);
      if (known) known.push(i);
      else byWord.set(word, [i]);
    }
  }
  return [...byWord.values()].filter((one) => one.length > 1).sort((a, b) => a.length - b.length);
}

/** Every two of each list, the lists in their order. */
function* pairsOf(lists: readonly (readonly number[])[]): Generator<[number, number], undefined> {
  for (const list of lists)
    for (let i = 1; i < list.length; i++) for (let j = 0; j < i; j++) yield [list[i]!, list[j]!];
}

/** Kinds that are linked, directly or by others between them, and whose terms then are one group. */
function groups(kinds: readonly Term[][]): Term[][] {
  const parent = kinds.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  const pairs = pairsOf(sharers(kinds));
  for (let left = MOST_COST; left > 0; ) {
    const { value: pair } = pairs.next();
    if (!pair) break;
    const [i, j] = pair;
    const [a, b] = [root(i), root(j)];
    left -= a === b ? LINKED_COST : 1;
    if (a !== b && saySame(kinds[i]![0]!, kinds[j]![0]!)) parent[a] = b;
  }
  const made = new Map<number, Term[]>();
  kinds.forEach((terms, i) => {
    // Without anything of its own that a correction brought there is no rule: another value was chosen.
    if (!saySame(terms[0]!, terms[0]!)) return;
    made.set(root(i), [...(made.get(root(i)) ?? []), ...terms]);
  });
  return [...made.values()];
}

/**
 * Whether two terms of one shape are the same change under other names: at least half of what they say beside the names of their
 * places is the same, and of that, something is what each correction brought. More than half, where an argument of one is
 * another expression altogether.
 */
function saySame(one: Term, other: Term): boolean {
  const found: Agreement = { said: 0, same: 0, freshOne: false, freshOther: false };
  let differ = 0;
  for (const [i, a] of one.kept.entries()) {
    const b = other.kept[i]!;
    if (a.shape === b.shape) compare(a.atoms, b.atoms, found);
    else differ++;
  }
  const { same, said, freshOne, freshOther } = found;
  return 2 * same >= said + differ + (differ > 0 ? 1 : 0) && freshOne && freshOther;
}

interface Agreement {
  said: number;
  same: number;
  freshOne: boolean;
  freshOther: boolean;
}

function compare(one: readonly Atom[], other: readonly Atom[], into: Agreement): void {
  for (const [i, a] of one.entries()) {
    const b = other[i]!;
    if (a.kind === 'mark') continue;
    const counts = a.kind === 'word' ? !(a.local && b.local) : isTelling(a) && isTelling(b);
    if (!counts) continue;
    const agrees = agree(a, b);
    // A value may differ from place to place; where it is the same it says something.
    if (agrees || (a.kind === 'word' && (a.structural || b.structural))) into.said++;
    if (!agrees) continue;
    into.same++;
    into.freshOne ||= a.fresh;
    into.freshOther ||= b.fresh;
  }
}

function agree(a: Atom, b: Atom): boolean {
  if (a.local || b.local) return false;
  if (a.made && b.made) {
    const [m, n] = [a.made, b.made];
    return (
      m.before + m.after !== '' && m.before === n.before && m.after === n.after && m.capital === n.capital
    );
  }
  return a.text === b.text;
}

/** `0`, `1` and `''` are the same by chance. */
function isTelling({ kind, text, local }: Atom): boolean {
  return !local && text.length >= (kind === 'number' ? 2 : 3);
}
