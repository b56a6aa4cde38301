/** A term's atoms as slots: what stands between the outermost brackets and commas is one, for it may be any expression. */
import type { Atom } from './terms';

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
