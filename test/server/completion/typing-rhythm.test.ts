import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompletionEngine } from '../../../server/completion/engine';
import { TypingRhythm } from '../../../server/completion/typing-rhythm';
import { CompletionWorker } from '../../../server/completion/worker-client';
import { ROOT } from '../../root';
import { bundle } from '../bundle';

describe('the rhythm of typing', () => {
  const typed = (intervals: number[]) => {
    const rhythm = new TypingRhythm();
    let now = 0;
    rhythm.asked(now, 0);
    for (const [i, interval] of intervals.entries()) {
      now += interval;
      rhythm.asked(now, i + 1);
    }
    return { rhythm, now };
  };

  it('keeps nobody waiting before it is known', () => {
    const { rhythm, now } = typed([110]);
    assert.equal(rhythm.earliest(), now);
  });

  it('waits for a rest that is longer than the usual interval', () => {
    const fast = typed(Array(8).fill(80));
    const slow = typed(Array(8).fill(180));
    assert.ok(fast.rhythm.earliest() - fast.now > 110 && fast.rhythm.earliest() - fast.now < 160);
    assert.ok(slow.rhythm.earliest() - slow.now > 250);
  });

  it('waits no longer than a third of a second for it, however slow the keys', () => {
    const { rhythm, now } = typed(Array(8).fill(600));
    assert.equal(rhythm.earliest() - now, 350);
  });

  it('takes what is asked again at the same text for no key', () => {
    const { rhythm, now } = typed(Array(8).fill(80));
    const before = rhythm.earliest();
    rhythm.asked(now + 5_000, 8);
    assert.equal(rhythm.earliest(), before);
  });

  it('leaves what came on the screen there for a second, unless the fingers rest', () => {
    const { rhythm, now } = typed(Array(8).fill(110));
    rhythm.shown(now - 100);
    assert.equal(rhythm.earliest() - now, 600);
    rhythm.shown(now - 800);
    assert.equal(rhythm.earliest() - now, 200);
  });
});

/** Four lines, a key every 110 ms, as a developer types who does not look up. */
const LINES = `  if (!name) {
    throw new Error('A name is needed');
  }
  return users.get(name);
`;

describe('what comes on the screen while four lines are typed', function () {
  this.timeout(60_000);
  let worker: CompletionWorker;

  before(async () => {
    worker = new CompletionWorker(await bundle('server/completion/worker.ts'), () => undefined);
    const modelDir = join(ROOT, 'media/model');
    await worker.open({ modelDir, device: 'cpu', threads: 1, precision: 'float32' });
  });
  after(() => worker.close());

  it('is at most four different suggestions', async () => {
    const engine = new CompletionEngine(
      worker,
      { onOffer: () => undefined, wasRejected: async () => false, recall: async () => null },
      { debounceMs: 60, maxTokens: 24, recall: true },
    );
    engine.modelChanged(true);
    const begun = 'const users = new Map();\nexport function find(name) {\n';
    const shown = new Set<string>();
    const pending: Promise<void>[] = [];
    let typed = 0;
    while (typed < LINES.length) {
      typed++;
      const at = typed;
      const text = begun + LINES.slice(0, typed);
      const place = { uri: 'file:///a.js', path: 'a.js', languageId: 'javascript', text: `${text}\n}\n` };
      const asked = engine.complete(
        { ...place, offset: text.length, line: text.split('\n').length - 1, character: 0 },
        () => typed !== at,
        false,
      );
      pending.push(
        asked.then((offer) => {
          if (offer) shown.add(offer.completionId);
        }),
      );
      await sleep(110);
    }
    await Promise.all(pending);
    assert.ok(shown.size <= 4, `${shown.size} suggestions`);
  });
});
