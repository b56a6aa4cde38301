/**
 * Anti-unification: the least general form of which several terms are instances (Plotkin 1970). Where all say the same, the
 * form says it; elsewhere is a hole, and places that differ in the same way in every term are the same hole.
 */
import type { Atom, Term } from './terms';

/** A form as text, its holes written `$x`, `$y`… */
export interface Form {
  /** What was offered; null where that had no form in common. */
  from: string | null;
  to: string;
}

/** Two terms whose atoms stand for each other one by one have the same shape. */
export function shapeOf(atoms: readonly Atom[]): string {
  return atoms.map(({ kind, text }) => (kind === 'mark' ? text : kind[0])).join(' ');
}

type Piece = { spaced: boolean; open: string; close: string } & (
  | { text: string; hole: null }
  | { hole: string; before: string; after: string; capital: boolean }
);

const HOLES = ['x', 'y', 'z', 'u', 'v', 'w'];

/** The form of terms whose kept texts have one shape. At least one; in any order. */
export function formOf(terms: readonly Term[]): Form {
  const sorted = [...terms].sort((a, b) => a.id - b.id);
  const to = generalise(sorted.map(({ kept }) => kept));
  const offered = commonest(sorted);
  const from = offered.length > 0 ? generalise(offered.map((term) => term.offered)) : null;
  // A hole of the kept text as those terms have it whose offered text has a form.
  const alias = new Map<string, string>();
  if (offered.length > 0 && offered.length < sorted.length) {
    const own = generalise(offered.map(({ kept }) => kept));
    own.forEach(({ hole }, i) => {
      const wide = to[i]!.hole;
      if (hole !== null && wide !== null && !alias.has(hole)) alias.set(hole, wide);
    });
  }
  const names = new Map<string, string>();
  const nameOf = (hole: string) => {
    const known = names.get(hole);
    if (known) return known;
    const made = HOLES[names.size] ?? `x${names.size - HOLES.length + 1}`;
    names.set(hole, made);
    return made;
  };
  // Named in the order of the kept text, so that they stay whatever else was offered.
  const after = write(to, nameOf);
  return { from: from && write(from, (hole) => nameOf(alias.get(hole) ?? hole)), to: after };
}

/** The kept text's form alone, without blanks: the same whatever the names are and whatever was offered. */
export function canonical(terms: readonly Term[]): string {
  const pieces = generalise([...terms].sort((a, b) => a.id - b.id).map(({ kept }) => kept));
  const names = new Map<string, string>();
  return write(
    pieces.map((piece) => ({ ...piece, spaced: true })),
    (hole) => {
      if (!names.has(hole)) names.set(hole, String(names.size + 1));
      return names.get(hole)!;
    },
  );
}

/** The terms whose offered texts have the commonest shape, where that is at least half of them; else none. */
function commonest(terms: readonly Term[]): Term[] {
  const byShape = new Map<string, Term[]>();
  for (const term of terms) {
    if (term.offered.length === 0) continue;
    const shape = shapeOf(term.offered);
    byShape.set(shape, [...(byShape.get(shape) ?? []), term]);
  }
  const [most = []] = [...byShape.values()].sort((a, b) => b.length - a.length);
  return 2 * most.length >= terms.length ? most : [];
}

function generalise(rows: readonly (readonly Atom[])[]): Piece[] {
  return rows[0]!.map((first, i) =>
    column(
      rows.map((row) => row[i]!),
      first,
    ),
  );
}

function column(atoms: readonly Atom[], first: Atom): Piece {
  const { spaced, open, close, text, made } = first;
  const around = { spaced, open, close };
  const hole = (names: string[], before = '', after = '', capital = false): Piece => ({
    ...around,
    hole: JSON.stringify(names),
    before,
    after,
    capital,
  });
  if (first.kind === 'mark') return { ...around, text, hole: null };
  const alike =
    made &&
    atoms.every(
      ({ made: m }) => m && m.before === made.before && m.after === made.after && m.capital === made.capital,
    );
  if (made && alike) {
    const { before, after, capital } = made;
    return hole(
      atoms.map((atom) => atom.made!.name),
      before,
      after,
      capital,
    );
  }
  const same = atoms.every((atom) => atom.text === text && !atom.local);
  return same ? { ...around, text, hole: null } : hole(atoms.map((atom) => atom.text));
}

function write(pieces: readonly Piece[], nameOf: (hole: string) => string): string {
  return pieces
    .map((piece) => {
      const blank = piece.spaced ? ' ' : '';
      if (piece.hole === null) return `${blank}${piece.open}${piece.text}${piece.close}`;
      const name = nameOf(piece.hole);
      const shown = `$${piece.capital ? name.toUpperCase() : name}`;
      return `${blank}${piece.open}${piece.before}${shown}${piece.after}${piece.close}`;
    })
    .join('')
    .trim();
}
