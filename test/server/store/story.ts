/** A small day of the store: offers, edits, a test run, a comment, a round, a deletion, tidying. What was acknowledged is told as it goes. */
import type { FeedbackStore } from '../../../server/store/store';
import { completion, learningEvent } from './records';

export interface Told {
  /** Its rows are on disk. `what` is the table, `id` the completion. */
  stored(what: 'completion' | 'outcome' | 'kept' | 'feedback' | 'event' | 'comment', id: string): void;
  /** From now on the completion may be gone. */
  deleting(id: string): void;
  deleted(id: string): void;
  registered(adapter: number): void;
}

/** Tried again as the product does it: what cannot wait fails at once while the database is away, and is asked for later. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

const DAY = 24 * 3_600_000;

/**
 * @param name begins every id, so that a later story on the same database is another one
 * @param now what the store's clock says
 */
export async function story(store: FeedbackStore, name: string, now: number, told: Told): Promise<void> {
  const ids = Array.from({ length: 4 }, (_, i) => `${name}-${i}`);
  const [edited, failing, unseen, gone] = ids as [string, string, string, string];
  const write = async (what: Parameters<Told['stored']>[0], id: string, work: Promise<unknown>) => {
    await work;
    told.stored(what, id);
  };
  await Promise.all(
    ids.map((id) => {
      const createdAt = id === unseen ? now - 2 * DAY : now;
      const more = { createdAt, uri: `file:///w/${id}.ts`, path: `${id}.ts`, text: `${id}Text` };
      return write('completion', id, store.completions.insert(completion(id, more)));
    }),
  );
  const outcome = (completionId: string, kind: 'shown' | 'accepted', at: number) =>
    write(
      'outcome',
      completionId,
      store.outcomes.insert({ completionId, kind, confidence: 'observed', at, acceptedLength: null }),
    );
  for (const id of [edited, failing, gone])
    await Promise.all([outcome(id, 'shown', now), outcome(id, 'accepted', now + 1)]);
  await Promise.all([
    write(
      'kept',
      edited,
      store.kept.insert({ completionId: edited, at: now, reason: '30s', text: 'kept', editDistance: 0.2 }),
    ),
    write('event', edited, store.events.put(learningEvent(edited))),
    write(
      'feedback',
      failing,
      store.feedback.insert({ completionId: failing, kind: 'test-failed', at: now, text: 'Error' }),
    ),
    write(
      'event',
      failing,
      store.events.put(
        learningEvent(failing, {
          solution: null,
          output: 'Error',
          signals: ['test-failed'],
          status: 'waiting',
        }),
      ),
    ),
    write('event', gone, store.events.put(learningEvent(gone))),
  ]);
  await write('comment', failing, store.events.comment(failing, `${failing}Words`));
  await again(() => store.panel.list({}, 0, 10));
  await round(store, name, [edited, failing], told);
  told.deleting(gone);
  await again(() => store.delete({ scope: 'event', completionId: gone }));
  told.deleted(gone);
  await again(() => store.tidy(0));
}

/** What a round writes down; where a part of it fails the round ends, and the next one takes up its events. */
async function round(store: FeedbackStore, name: string, ids: string[], told: Told): Promise<void> {
  if (!(await again(() => store.leases.take('training', name, 60_000)))) return;
  const events = (await Promise.all(ids.map((id) => again(() => store.events.of(id))))).filter(
    (one) => one !== null,
  );
  const started = await again(() => store.rounds.start(1, events.length));
  const read = events.map(({ id }) => id);
  await again(() => store.rounds.linkEvents(started.id, read, false));
  const token = { token: 'a', advantage: 1, studentLogProb: -1, teacherLogProb: 0, alternatives: [] };
  for (const { completionId } of events)
    await store.advantages.put(completionId, started.id, 'context', [token]);
  const record = {
    createdAt: 1,
    roundId: started.id,
    modelHash: 'm',
    hash: '',
    directory: name,
    parent: null,
  };
  const adapter = await again(() => store.adapters.register(record, read));
  told.registered(adapter);
  for (const event of events) await store.events.settle(event, 'trained', null);
  await again(() => store.rounds.linkEvents(started.id, read));
  await store.rounds.update({ ...started, state: 'promoted', adapter });
  await again(() => store.leases.release('training', name));
}
