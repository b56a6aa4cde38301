/** A term's atoms as slots: what stands between the outermost brackets and commas is one, for it may be any expression. */

/** One piece of a term. */
export interface Atom {
  /** 'mark': punctuation and keywords, the same wherever the form is. */
  kind: 'mark' | 'word' | 'string' | 'number';
  /** As written; of a string what is between its quotes. */
  text: string;
  /** What stands around it: quotes, and a string's prefix. */
  open: string;
  close: string;
  /** A blank stands before it. */
  spaced: boolean;
  /** A name that is declared at the place: the developer's to choose. */
  local: boolean;
  /** A name made of another name of the place: `m_user` of `user`, `setUser` too (`capital`). */
  made: { before: string; name: string; after: string; capital: boolean } | null;
  /** Not in the offered text: what the correction brought. */
  fresh: boolean;
  /** What is called, a member, or what members are taken of: rarely another name by choice. */
  structural: boolean;
}

const OPENS = new Set(['(', '[', '{']);
const CLOSES = new Set([')', ']', '}']);

export interface Slot {
  atoms: Atom[];
  /** Between brackets: terms with other expressions here have the same shape. */
  argument: boolean;
  /** Two slots of one inner shape stand for each other atom by atom. */
  shape: string;
}

export function slotsOf(atoms: readonly Atom[]): Slot[] {
  const slots: Slot[] = [];
  let depth = 0;
  let argument: Slot | null = null;
  for (const atom of atoms) {
    const { text } = atom;
    const isMark = atom.kind === 'mark';
    if (isMark && CLOSES.has(text)) depth = Math.max(0, depth - 1);
    if (depth === 0 || (depth === 1 && isMark && text === ',')) {
      slots.push({ atoms: [atom], argument: false, shape: '' });
      argument = null;
    } else {
      if (!argument) {
        argument = { atoms: [], argument: true, shape: '' };
        slots.push(argument);
      }
      argument.atoms.push(atom);
    }
    if (isMark && OPENS.has(text)) depth++;
  }
  for (const slot of slots) slot.shape = shapeOfAtoms(slot.atoms);
  return slots;
}

/** Two lists of slots of one shape stand for each other one by one. */
export function shapeOf(slots: readonly Slot[]): string {
  return slots.map((slot) => (slot.argument ? 'a' : slot.shape)).join(' ');
}

function shapeOfAtoms(atoms: readonly Atom[]): string {
  return atoms.map(({ kind, text }) => (kind === 'mark' ? text : kind[0])).join(' ');
}
