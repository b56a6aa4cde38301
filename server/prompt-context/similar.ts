/** Pieces of other files that look like the code around the cursor: BM25 over windows of lines. */
import { yieldToEventLoop } from '../base/event-loop';
import { linesNear, namesIn } from './names';
import { endingOf, folderOf, nameOf, relatedEndings } from './paths';
import type { ContextPart, ContextPlace, ProjectFiles } from './types';

const WINDOW = 20;
const STEP = 10;
const K1 = 1.2;
const B = 0.75;
/** Files that are searched, at most. */
const MOST_FILES = 32;
/** Characters of a file that are searched. */
const MOST_CHARACTERS = 60_000;
/** Pieces that are shown, at most, each from a file of its own. */
const MOST_PIECES = 3;
/** Share of the best score that is possible which a piece must reach. */
const LEAST = 0.2;
/** Work in one go before others get their turn, in ms. */
const SLICE_MS = 8;

interface Piece {
  path: string;
  /** First line, from 0. */
  from: number;
  terms: Map<string, number>;
  length: number;
}

interface Indexed {
  text: string;
  lines: string[];
  pieces: Piece[];
}

/** Files cut into pieces; a file that has not changed is not cut again. */
export class SimilarCode {
  private readonly files = new Map<string, Indexed>();

  /** The pieces nearest to a place, the nearest last. Never from the place's own file. */
  async find(place: ContextPlace, files: ProjectFiles): Promise<ContextPart[]> {
    const query = new Set(namesIn(linesNear(place.prefix, place.suffix)));
    if (query.size < 2) return [];
    const indexed: Indexed[] = [];
    let since = performance.now();
    for (const path of await candidatesFor(place.path, files)) {
      const text = await files.read(path);
      if (text !== null) indexed.push(this.indexed(path, text.slice(0, MOST_CHARACTERS)));
      if (performance.now() - since < SLICE_MS) continue;
      await yieldToEventLoop();
      since = performance.now();
    }
    return best(query, indexed);
  }

  private indexed(path: string, text: string): Indexed {
    const known = this.files.get(path);
    if (known?.text === text) return known;
    const lines = text.split('\n');
    const pieces: Piece[] = [];
    for (let from = 0; from < lines.length; from += STEP) {
      const terms = new Map<string, number>();
      const names = namesIn(lines.slice(from, from + WINDOW).join('\n'));
      for (const name of names) terms.set(name, (terms.get(name) ?? 0) + 1);
      if (names.length > 0) pieces.push({ path, from, terms, length: names.length });
      if (from + WINDOW >= lines.length) break;
    }
    const made = { text, lines, pieces };
    this.files.delete(path);
    this.files.set(path, made);
    if (this.files.size > 4 * MOST_FILES) this.files.delete(this.files.keys().next().value as string);
    return made;
  }
}

function best(query: ReadonlySet<string>, indexed: readonly Indexed[]): ContextPart[] {
  const pieces = indexed.flatMap((one) => one.pieces.map((piece) => ({ piece, lines: one.lines })));
  const average = pieces.reduce((sum, { piece }) => sum + piece.length, 0) / Math.max(1, pieces.length);
  const weights = new Map<string, number>();
  for (const term of query) {
    const found = pieces.filter(({ piece }) => piece.terms.has(term)).length;
    weights.set(term, Math.log(1 + (pieces.length - found + 0.5) / (found + 0.5)));
  }
  const possible = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const nearest = new Map<string, { score: number; part: ContextPart }>();
  for (const { piece, lines } of pieces) {
    let score = 0;
    for (const [term, weight] of weights) {
      const frequency = piece.terms.get(term);
      if (frequency)
        score += (weight * frequency * (K1 + 1)) / (frequency + K1 * (1 - B + (B * piece.length) / average));
    }
    if (score < LEAST * possible || score <= (nearest.get(piece.path)?.score ?? 0)) continue;
    const text = lines.slice(piece.from, piece.from + WINDOW).join('\n');
    nearest.set(piece.path, { score, part: { kind: 'similar', path: piece.path, text } });
  }
  const ranked = [...nearest.values()].sort((a, b) => b.score - a.score).slice(0, MOST_PIECES);
  return ranked.reverse().map(({ part }) => part);
}

/** Files worth a look: open and recent ones, those beside this one, those of its name pattern first. */
async function candidatesFor(path: string, files: ProjectFiles): Promise<string[]> {
  const endings = relatedEndings(endingOf(path));
  const folder = folderOf(path);
  const beside = (await files.list(folder))
    .filter((name) => !name.endsWith('/'))
    .map((name) => (folder === '' ? name : `${folder}/${name}`));
  const pattern = patternOf(path);
  const alike = beside.filter((one) => pattern !== '' && patternOf(one) === pattern);
  const all = [...new Set([...files.recent(), ...alike, ...beside])];
  return all.filter((one) => one !== path && endings.includes(endingOf(one))).slice(0, MOST_FILES);
}

/** `user.service.ts` and `order.service.ts` have one pattern; `test_user.py` and `test_order.py` too. */
function patternOf(path: string): string {
  const name = nameOf(path);
  const behind = /^[^.]+(\.[\w-]+\.\w+)$/.exec(name)?.[1];
  if (behind) return behind;
  const [, head, tail] = /^(?:(test|spec)[_-].*|.*[_-]([a-z]+))\.\w+$/i.exec(name) ?? [];
  return head ?? tail ?? '';
}
