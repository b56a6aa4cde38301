/**
 * Anti-unification: the least general form of which several terms are instances (Plotkin 1970). Where all say the same, the
 * form says it; elsewhere is a hole, and places that differ in the same way in every term are the same hole.
 */
import { type Atom, type Slot, shapeOf } from './slots';
import type { Term } from './terms';

/** A form as text, its holes written `$x`, `$y`… */
export interface Form {
  /** What was offered; null where that had no form in common. */
  from: string | null;
  to: string;
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
    own.forEach((pieces, slot) => {
      const wide = to[slot]!;
      if (wide.length !== pieces.length) return;
      for (const [i, { hole }] of pieces.entries()) {
        const other = wide[i]!.hole;
        if (hole !== null && other !== null && !alias.has(hole)) alias.set(hole, other);
      }
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
  const after = write(to.flat(), nameOf);
  return { from: from && write(from.flat(), (hole) => nameOf(alias.get(hole) ?? hole)), to: after };
}

/** The kept text's form alone, without blanks: the same whatever the names are and whatever was offered. */
export function canonical(terms: readonly Term[]): string {
  const pieces = generalise([...terms].sort((a, b) => a.id - b.id).map(({ kept }) => kept)).flat();
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

/** The pieces of each slot. */
function generalise(rows: readonly (readonly Slot[])[]): Piece[][] {
  return rows[0]!.map((first, i) => {
    const slots = rows.map((row) => row[i]!);
    const { shape } = first;
    if (slots.some((slot) => slot.shape !== shape)) return [whole(slots)];
    return first.atoms.map((atom, t) =>
      column(
        slots.map(({ atoms }) => atoms[t]!),
        atom,
      ),
    );
  });
}

/** A hole for whatever stands in a slot. */
function whole(slots: readonly Slot[]): Piece {
  const hole = JSON.stringify(slots.map(({ atoms }) => atoms.map(({ text }) => text)));
  const { spaced } = slots[0]!.atoms[0]!;
  return { spaced, open: '', close: '', hole, before: '', after: '', capital: false };
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
