/** Roll back: which adapter is used from now on, and what becomes of that which only the one before it had learned. */
import type { RoundSummary } from '../protocol/types';
import type { AdapterRecord } from '../store/records';
import type { FeedbackStore } from '../store/store';
import type { AdapterFolder } from './round/adapter-folder';

export interface RolledBack {
  /** In use from now on; null is the base model. */
  previous: AdapterRecord | null;
  /** What only the adapter had learned: nothing reads it until the developer says so. */
  completions: string[];
  /** The round that had made the adapter; null where it is no longer listed. */
  round: RoundSummary | null;
  message: string;
}

/** @returns null where the base model is in use already; nothing is changed then */
export async function rollBack(
  store: FeedbackStore,
  modelHash: string,
  folder: AdapterFolder,
): Promise<RolledBack | null> {
  const all = await store.adapters.list(modelHash);
  const active = all.find((record) => record.active);
  if (!active) return null;
  const rounds = await store.rounds.list(ROUNDS);
  const previous = adapterBefore(
    active,
    all.filter((one) => folder.exists(one)),
    rounds,
  );
  const completions = await store.adapters.rollBack(active, previous?.id ?? null);
  const made = rounds.find(({ id }) => id === active.roundId);
  const round: RoundSummary | null = made
    ? { ...made, state: 'rolled-back', message: 'Rolled back by you.' }
    : null;
  if (round) await store.rounds.update(round);
  const where = previous ? `Rolled back to adapter ${previous.id}.` : 'Rolled back to the base model.';
  return { previous, completions, round, message: `${where} ${undone(completions.length)}`.trim() };
}

/** More than adapters are kept. */
const ROUNDS = 50;

/**
 * The adapter it grew from. One that was made anew from the base replaced the last that was used then.
 * @param there those whose folder is there, oldest first
 */
function adapterBefore(
  active: AdapterRecord,
  there: readonly AdapterRecord[],
  rounds: readonly RoundSummary[],
): AdapterRecord | null {
  if (active.parent !== null) return there.find(({ id }) => id === active.parent) ?? null;
  const used = new Set(
    rounds
      .filter(({ state }) => state === 'promoted' || state === 'kept-insufficient-evidence')
      .map(({ id }) => id),
  );
  return there.filter(({ id, roundId }) => id < active.id && used.has(roundId)).at(-1) ?? null;
}

function undone(corrections: number): string {
  if (corrections === 0) return '';
  const what = corrections === 1 ? 'one correction' : `${corrections} corrections`;
  return `What only it had learned, ${what}, is left out until you say Learn Again.`;
}
