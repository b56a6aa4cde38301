/** Corrections that say the same, as rules with their places. In memory and incremental; the same rules in whatever order they come. */
import { createHash } from 'node:crypto';
import { canonical, type Form, formOf, shapeOf } from './form';
import { type Atom, type Correction, type Term, termOf } from './terms';

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

/** Kinds of terms that are compared with each other in a bucket, the newest; the rest is grouped by kind alone. */
const MOST_KINDS = 200;

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

function toRule(terms: Term[]): Rule {
  const places = terms.map(({ id }) => id).sort((a, b) => a - b);
  const said = terms.filter(({ words }) => words !== null).sort((a, b) => b.id - a.id);
  const { language } = terms[0]!;
  const key = createHash('sha256')
    .update(`${language}\n${canonical(terms)}`)
    .digest('hex')
    .slice(0, 16);
  return { key, language, ...formOf(terms), sentence: said[0]?.words ?? null, places };
}

/** Kinds that are linked, directly or by others between them, and whose terms then are one group. */
function groups(kinds: readonly Term[][]): Term[][] {
  const parent = kinds.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  const from = Math.max(0, kinds.length - MOST_KINDS);
  for (let i = from; i < kinds.length; i++)
    for (let j = from; j < i; j++)
      if (root(i) !== root(j) && saySame(kinds[i]![0]!, kinds[j]![0]!)) parent[root(i)] = root(j);
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
 * places is the same, and of that, something is what each correction brought.
 */
function saySame(one: Term, other: Term): boolean {
  let [said, same, freshOne, freshOther] = [0, 0, false, false];
  for (const [i, a] of one.kept.entries()) {
    const b = other.kept[i]!;
    if (a.kind === 'mark') continue;
    const counts = a.kind === 'word' ? !(a.local && b.local) : isTelling(a) && isTelling(b);
    if (!counts) continue;
    const agrees = agree(a, b);
    // A value may differ from place to place; where it is the same it says something.
    if (agrees || (a.kind === 'word' && (a.structural || b.structural))) said++;
    if (!agrees) continue;
    same++;
    freshOne ||= a.fresh;
    freshOther ||= b.fresh;
  }
  return 2 * same >= said && freshOne && freshOther;
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
