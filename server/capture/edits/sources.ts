/** Whose hand changed an accepted text: only what the developer typed teaches at full weight. */

/** 'pasted': from the clipboard; 'program': by another extension, an agent or a tool, through the editor. */
export type EditSource = 'typed' | 'pasted' | 'program';

export interface Share {
  /** By which the weight of what is learned is multiplied, in (0, 1]. */
  weight: number;
  /** For people: why it counts less; null where it does not. */
  note: string | null;
}

export const SHARES: Readonly<Record<EditSource, Share>> = {
  typed: { weight: 1, note: null },
  pasted: { weight: 0.5, note: 'The change was pasted, not typed: it counts half.' },
  program: {
    weight: 0.25,
    note: 'Another extension or an agent made the change: it counts a quarter of what is typed.',
  },
};

/** A text that the developer typed at as well as another source: it holds both. */
const MIXED: Share = { weight: 0.5, note: 'The change was typed only in part: it counts half.' };

/** What changes from these sources count together. */
export function shareOf(edits: Readonly<Record<EditSource, number>>): Share {
  const others = (['program', 'pasted'] as const).find((source) => edits[source] > 0);
  if (!others) {
    return SHARES.typed;
  }
  return edits.typed > 0 ? MIXED : SHARES[others];
}
