import assert from 'node:assert/strict';
import { RecallMemory } from '../../../server/completion/recall-memory';
import type { LearningEvent } from '../../../server/store/records';

const event = (id: number, more: Partial<LearningEvent>): LearningEvent =>
  ({
    id,
    status: 'ready',
    languageId: 'typescript',
    path: 'a.ts',
    prefix: `function load${id}() {\n  return `,
    suffix: '\n}\n',
    solution: `fetchOf(${id});`,
    weight: 1,
    ...more,
  }) as LearningEvent;

describe('memory of corrections', () => {
  it('keeps the text of every correction, distilled or not, and of nothing else', async () => {
    const events = [
      event(1, { status: 'trained' }),
      event(2, {}),
      event(3, { languageId: 'python' }),
      event(4, { weight: 0.1 }),
      event(5, { solution: null }),
    ];
    let dropped = false;
    const of = (status: string) => events.filter((e) => e.status === status);
    const memory = new RecallMemory({
      events: {
        list: async ({ statuses }) => statuses.flatMap(of),
        of: async (id) => {
          const found = events.find((e) => e.id === Number(id))!;
          return dropped ? { ...found, status: 'dropped' } : found;
        },
      },
      panel: {
        list: async ({ status }) => ({ events: of(status).map((e) => ({ completionId: String(e.id) })) }),
      },
    });
    await memory.load();
    assert.deepEqual(memory.kept('typescript'), [
      'function load1() {\n  return fetchOf(1);',
      'function load2() {\n  return fetchOf(2);',
    ]);
    // What the adapter holds is no longer recalled.
    assert.match(memory.recall({ languageId: 'typescript', prefix: event(2, {}).prefix })!, /fetchOf\(2\)/);
    dropped = true;
    await memory.refresh(['2']);
    assert.deepEqual(memory.kept('typescript'), ['function load1() {\n  return fetchOf(1);']);
    assert.equal(memory.recall({ languageId: 'typescript', prefix: event(2, {}).prefix }), null);
  });
});
