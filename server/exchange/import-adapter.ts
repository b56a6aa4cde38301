/** Takes an adapter that was trained elsewhere into use, through the gates that a round's own goes through. */
import { randomUUID } from 'node:crypto';
import { saveAdapter } from '../model/files/peft';
import { type FolderModel, loadAdapter } from '../model/open';
import type { RoundSummary } from '../protocol/types';
import { IMPORTED } from '../store/records';
import type { FeedbackStore } from '../store/store';
import { AdapterFolder } from '../training/round/adapter-folder';
import { gather } from '../training/round/gather';
import { LEASE, LEASE_MS } from '../training/round/lease';
import { readReplayPool } from '../training/round/replay-pool';
import { judgeAdapter } from './judge-adapter';
import { readForeignAdapter } from './read-adapter';
import { stackAdapters } from './stack';

export interface Import {
  folder: string;
  storagePath: string;
  replayPath: string | null;
  /** The adapter in use stays in use with it, as one of the sum of their ranks. */
  beside: boolean;
}

export interface Imported {
  /** Its number, where it is in use now. */
  adapter: number | null;
  state: RoundSummary['state'];
  message: string;
  decisions: RoundSummary['decisions'];
  notices: string[];
}

/**
 * Leaves all as it was where a gate says no.
 * @throws Error with one sentence where the folder cannot be used with this model, or another round is running
 */
export async function importAdapter(
  store: FeedbackStore,
  model: FolderModel,
  { folder, storagePath, replayPath, beside }: Import,
): Promise<Imported> {
  const { adapter: foreign, notices } = readForeignAdapter(folder, model);
  const holder = randomUUID();
  // Long enough to judge on a slow machine: nobody renews it.
  if (!(await store.leases.take(LEASE, holder, 20 * LEASE_MS)))
    throw new Error('A round is running at the moment; try again when it has finished.');
  const adapters = new AdapterFolder(storagePath);
  try {
    const active = await store.adapters.active(model.hash);
    const current = active && adapters.exists(active) ? loadAdapter(adapters.absolute(active)) : null;
    const candidate = beside && current ? stackAdapters(current, foreign) : foreign;
    const gathered = await gather(store, false);
    const pool = await readReplayPool(replayPath, gathered.kept, 1, []);
    const startedAt = Date.now();
    const verdict = await judgeAdapter(model, candidate, current, gathered.heldOut, pool.held);
    const round = await store.rounds.start(startedAt, gathered.heldOut.length);
    const used = verdict.state !== 'rejected';
    let id: number | null = null;
    if (used) {
      await saveAdapter(candidate, adapters.unfinished(round.id));
      const directory = await adapters.accept(round.id);
      const record = {
        createdAt: Date.now(),
        roundId: round.id,
        modelHash: model.hash,
        hash: candidate.hash,
        directory,
      };
      id = await store.adapters.register({ ...record, parent: active?.id ?? null }, []);
    }
    const message = `${IMPORTED} ${verdict.message}`;
    const endedAt = Date.now();
    await store.rounds.update({
      ...round,
      state: verdict.state,
      message,
      decisions: verdict.decisions,
      adapter: id,
      endedAt,
      seconds: (endedAt - startedAt) / 1000,
    });
    return { adapter: id, state: verdict.state, message, decisions: verdict.decisions, notices };
  } finally {
    await store.leases.release(LEASE, holder);
  }
}
