/**
 * The instant memory: corrections that are not yet in the adapter ride along in the prompt as teacher context, from the
 * next keystroke on. An inverted index over the words near each correction, scored as BM25 does, kept in memory.
 */
import { feedbackText, keptItem } from '../learning/feedback-text';

export interface Correction {
  id: number;
  languageId: string;
  path: string;
  prefix: string;
  suffix: string;
  solution: string;
}

interface Entry {
  correction: Correction;
  terms: Map<string, number>;
  length: number;
}

/** Most corrections kept; the oldest give way. The search's cost is bounded by it. */
const CAPACITY = 4000;
/** Lines before the cursor whose words describe a place. */
const NEARBY_LINES = 5;
/** Corrections that ride along in a prompt. */
export const RECALLED = 2;
const K1 = 1.2;
const B = 0.5;

/** Words of a place: identifiers of the last lines, split at humps too, so that `loadUser` is near `saveUser`. */
export function placeTerms(prefix: string): string[] {
  const lines = prefix.split('\n').slice(-NEARBY_LINES - 1);
  const terms: string[] = [];
  for (const word of lines.join('\n').match(/[A-Za-z_$][\w$]*/g) ?? []) {
    terms.push(word);
    const humps = word.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];
    if (humps.length > 1) for (const hump of humps) terms.push(hump.toLowerCase());
  }
  // The shape of the last lines, names left out: `if (!_) {` is the same place in every function.
  for (const line of lines.slice(-3)) {
    const shape = line.trim().replace(/[A-Za-z_$][\w$]*|\d+/g, (word) => (KEYWORDS.has(word) ? word : '_'));
    if (/[^\s_]/.test(shape)) terms.push(`shape:${shape}`, `shape:${shape}`);
  }
  return terms;
}

const KEYWORDS = new Set(
  'if else for while return function const let class new await async throw try catch import export def self elif in not and or raise with'.split(
    ' ',
  ),
);

export class CorrectionIndex {
  private readonly entries = new Map<number, Entry>();
  private readonly postings = new Map<string, Set<number>>();
  private totalLength = 0;

  get size(): number {
    return this.entries.size;
  }

  /** Adds a correction, or replaces the one with its id. */
  add(correction: Correction): void {
    this.remove(correction.id);
    if (this.entries.size >= CAPACITY) this.remove(this.entries.keys().next().value as number);
    const words = placeTerms(correction.prefix);
    const terms = new Map<string, number>();
    for (const word of words) terms.set(word, (terms.get(word) ?? 0) + 1);
    this.entries.set(correction.id, { correction, terms, length: words.length });
    this.totalLength += words.length;
    for (const term of terms.keys()) {
      const posting = this.postings.get(term);
      if (posting) posting.add(correction.id);
      else this.postings.set(term, new Set([correction.id]));
    }
  }

  /** Takes a correction out: deleted, or distilled into the adapter. */
  remove(id: number): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    this.entries.delete(id);
    this.totalLength -= entry.length;
    for (const term of entry.terms.keys()) {
      const posting = this.postings.get(term)!;
      posting.delete(id);
      if (posting.size === 0) this.postings.delete(term);
    }
  }

  clear(): void {
    this.entries.clear();
    this.postings.clear();
    this.totalLength = 0;
  }

  /**
   * The nearest corrections, best first.
   * @param least share of the best possible score (the place itself) that a correction must reach, in [0, 1]
   */
  search(place: { languageId: string; prefix: string }, count: number, least = 0.25): Correction[] {
    const query = placeTerms(place.prefix);
    if (query.length === 0 || this.entries.size === 0) return [];
    const average = this.totalLength / this.entries.size;
    const scores = new Map<number, number>();
    let possible = 0;
    for (const term of new Set(query)) {
      const posting = this.postings.get(term);
      const found = posting?.size ?? 0;
      const weight = Math.log(1 + (this.entries.size - found + 0.5) / (found + 0.5));
      possible += weight;
      for (const id of posting ?? []) {
        const entry = this.entries.get(id)!;
        if (entry.correction.languageId !== place.languageId) continue;
        const frequency = entry.terms.get(term)!;
        const norm = frequency + K1 * (1 - B + (B * entry.length) / average);
        scores.set(id, (scores.get(id) ?? 0) + (weight * frequency * (K1 + 1)) / norm);
      }
    }
    return [...scores]
      .filter(([, score]) => score >= least * possible)
      .sort(([a, x], [b, y]) => y - x || b - a)
      .slice(0, count)
      .map(([id]) => this.entries.get(id)!.correction);
  }

  /** Teacher context for a place from its nearest corrections, the nearest last; null where none is near. */
  recall(place: { languageId: string; prefix: string }, count = RECALLED): string | null {
    return recalledText(this.search(place, count));
  }
}

/** Corrections, best first, as the prompt shows them; null where there is none. */
export function recalledText(near: readonly Correction[]): string | null {
  if (near.length === 0) return null;
  return feedbackText([...near].reverse().map((one) => keptItem(one.prefix, one.solution, one.suffix)));
}
