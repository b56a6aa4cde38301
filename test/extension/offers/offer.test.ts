import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMAND_WITHIN_MS, OfferTracker, SHOWN_AFTER_MS } from '../../../extension/offers/offer';
import { ROOT } from '../../root';

const URI = 'file:///a.ts';
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A tracker with its reports as lines of text. */
function tracked() {
  const said: string[] = [];
  let visible = false;
  const tracker = new OfferTracker({
    shown: (r) => said.push(`shown ${r.completionId}`),
    accepted: (r) => said.push(`accepted ${r.completionId} ${r.confidence} ${r.acceptedLength ?? 'all'}`),
    rejected: (r) => said.push(`${r.kind} ${r.completionId} ${r.confidence}`),
    offering: (now) => {
      visible = now;
    },
  });
  const offer = (completionId: string, text: string, offset = 10) =>
    tracker.offered({ completionId, uri: URI, offset, text });
  const insert = (offset: number, text: string, removed = 0) =>
    tracker.changed(URI, [{ offset, removed, text }]);
  return { tracker, said, offer, insert, visible: () => visible };
}

describe('OfferTracker', () => {
  it('tells of an acceptance by Tab once, as observed', async () => {
    const { tracker, said, offer, insert, visible } = tracked();
    offer('a', 'hello();');
    assert.equal(visible(), true);
    insert(10, 'hello();');
    tracker.accepted('a');
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(said, ['shown a', 'accepted a observed all']);
    assert.equal(visible(), false);
  });

  it('takes an accepted item that replaces the typed beginning for accepted', async () => {
    const { tracker, said, offer, insert } = tracked();
    offer('a', 'llo();', 12);
    insert(10, 'hello();', 2);
    tracker.accepted('a');
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(said, ['shown a', 'accepted a observed all']);
  });

  it('calls it typed through when every character was typed', async () => {
    const { said, offer, insert } = tracked();
    offer('a', 'abc');
    for (const [at, letter] of [...'abc'].entries()) insert(10 + at, letter);
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(said, ['shown a', 'typed-through a inferred']);
  });

  it('goes on with the same completion asked for again while it is typed through', async () => {
    const { said, offer, insert } = tracked();
    offer('a', 'abc');
    insert(10, 'a');
    offer('a', 'bc', 11);
    insert(11, 'b');
    insert(12, 'c');
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(said, ['shown a', 'typed-through a inferred']);
  });

  it('does not take a bracket closed by the editor for other text', () => {
    const { said, offer, insert } = tracked();
    offer('a', '(x)');
    insert(10, '()');
    assert.deepEqual(said, []);
  });

  it('calls it typed through where the editor closes brackets and quotes by itself', async () => {
    const over = tracked();
    over.offer('a', 'f("x");');
    over.insert(10, 'f');
    over.insert(11, '()');
    over.insert(12, '""');
    over.insert(13, 'x');
    over.insert(14, '"', 1);
    over.insert(15, ')', 1);
    over.insert(16, ';');
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(over.said, ['shown a', 'typed-through a inferred']);
    const step = tracked();
    step.offer('a', 'f();');
    step.insert(10, 'f');
    step.insert(11, '()');
    step.tracker.moved(URI, 12);
    step.tracker.moved(URI, 13);
    step.insert(13, ';');
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(step.said, ['shown a', 'typed-through a inferred']);
    const other = tracked();
    other.offer('a', 'f();');
    await wait(SHOWN_AFTER_MS + 30);
    other.insert(10, '[]');
    assert.deepEqual(other.said, ['shown a', 'rejected a inferred']);
  });

  it('reports a part taken word by word when the rest is left', async () => {
    const { tracker, said, offer, insert } = tracked();
    offer('a', 'one two three');
    await wait(SHOWN_AFTER_MS + 30);
    insert(10, 'one');
    tracker.moved(URI, 13);
    insert(13, ' two');
    tracker.moved(URI, 40);
    assert.deepEqual(said, ['shown a', 'accepted a inferred 7']);
  });

  it('reports other text as rejected once it was shown, and as superseded before', async () => {
    const shown = tracked();
    shown.offer('a', 'abc');
    await wait(SHOWN_AFTER_MS + 30);
    shown.insert(10, 'x');
    assert.deepEqual(shown.said, ['shown a', 'rejected a inferred']);
    const quick = tracked();
    quick.offer('a', 'abc');
    quick.insert(10, 'x');
    assert.deepEqual(quick.said, ['superseded a inferred']);
  });

  it('knows what is accepted in a file with Windows line ends', async () => {
    const one = JSON.parse(
      readFileSync(join(ROOT, 'test', 'fixtures', 'edits', 'accepted-in-crlf.json'), 'utf8'),
    );
    const whole = tracked();
    whole.offer('a', one.offered, one.documentChange.offset);
    whole.tracker.changed(URI, [one.documentChange]);
    whole.tracker.accepted('a');
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(whole.said, ['shown a', 'accepted a observed all']);
    const lines = tracked();
    lines.offer('a', one.offered);
    await wait(SHOWN_AFTER_MS + 30);
    lines.insert(10, 'a();');
    lines.tracker.moved(URI, 40);
    assert.deepEqual(lines.said, ['shown a', 'accepted a inferred 4']);
    const rest = tracked();
    rest.offer('a', one.offered);
    rest.insert(10, 'a();');
    rest.tracker.moved(URI, 14);
    rest.insert(14, '\r\n  b();');
    rest.tracker.accepted('a');
    assert.deepEqual(rest.said, ['shown a', 'accepted a observed all']);
  });

  it('does not take Enter for a part that was accepted', async () => {
    for (const [enter, cursor] of [
      ['\n', 11],
      ['\n    ', 15],
      ['\r\n    ', 16],
      ['\n    \n', 15],
    ] as const) {
      const { tracker, said, offer, insert } = tracked();
      offer('a', '\n    one();');
      await wait(SHOWN_AFTER_MS + 30);
      insert(10, enter);
      tracker.moved(URI, cursor);
      assert.deepEqual(said, ['shown a'], JSON.stringify(enter));
      tracker.moved(URI, 90);
      assert.deepEqual(said, ['shown a', 'ignored a inferred'], JSON.stringify(enter));
    }
    const { tracker, said, offer, insert } = tracked();
    offer('a', '\n    one();\n    two();');
    await wait(SHOWN_AFTER_MS + 30);
    insert(10, '\n    one();');
    tracker.moved(URI, 90);
    assert.deepEqual(said, ['shown a', 'accepted a inferred 11']);
  });

  it('does not take the offered text for rejected while an input method composes it', async () => {
    const compositions: [string, [offset: number, removed: number, text: string][]][] = [
      [
        '合計',
        [
          [10, 0, 'ご'],
          [10, 1, 'ごう'],
          [10, 2, '合計'],
        ],
      ],
      [
        '合計',
        [
          [10, 0, 'ご'],
          [11, 0, 'う'],
          [10, 2, '合計'],
        ],
      ],
      [
        '合计',
        [
          [10, 0, 'h'],
          [11, 0, 'e'],
          [12, 0, 'ji'],
          [10, 4, '合计'],
        ],
      ],
      [
        '한글',
        [
          [10, 0, 'ㅎ'],
          [10, 1, '하'],
          [10, 1, '한'],
          [11, 0, 'ㄱ'],
          [11, 1, '그'],
          [11, 1, '글'],
        ],
      ],
      [
        'é',
        [
          [10, 0, '´'],
          [10, 1, 'é'],
        ],
      ],
      [
        'é',
        [
          [10, 0, "'"],
          [10, 1, 'é'],
        ],
      ],
    ];
    for (const [text, changes] of compositions) {
      const { tracker, said, offer } = tracked();
      offer('a', text);
      await wait(SHOWN_AFTER_MS + 30);
      for (const [offset, removed, put] of changes) {
        tracker.changed(URI, [{ offset, removed, text: put }]);
        tracker.moved(URI, offset + put.length);
      }
      await wait(COMMAND_WITHIN_MS + 50);
      assert.deepEqual(said, ['shown a', 'typed-through a inferred'], text);
    }
  });

  it('takes other text that is composed for rejected once it goes on or is left', async () => {
    const typed = tracked();
    typed.offer('a', '合計');
    await wait(SHOWN_AFTER_MS + 30);
    typed.insert(10, 'か');
    assert.deepEqual(typed.said, ['shown a']);
    typed.insert(11, '(');
    assert.deepEqual(typed.said, ['shown a', 'rejected a inferred']);
    const left = tracked();
    left.offer('a', '合計');
    await wait(SHOWN_AFTER_MS + 30);
    left.insert(10, 'か');
    left.tracker.moved(URI, 50);
    assert.deepEqual(left.said, ['shown a', 'rejected a inferred']);
    const anew = tracked();
    anew.offer('a', '合計');
    await wait(SHOWN_AFTER_MS + 30);
    anew.insert(10, 'ご');
    anew.offer('b', '後', 11);
    assert.deepEqual(anew.said, ['shown a', 'superseded a inferred']);
    anew.tracker.dispose();
  });

  it('sees an acceptance with several cursors', async () => {
    const { tracker, said, offer } = tracked();
    offer('a', 'abc');
    tracker.changed(URI, [
      { offset: 40, removed: 0, text: 'abc' },
      { offset: 10, removed: 0, text: 'abc' },
    ]);
    tracker.accepted('a');
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(said, ['shown a', 'accepted a observed all']);
    const typing = tracked();
    typing.offer('a', 'ab', 40);
    typing.tracker.changed(URI, [
      { offset: 40, removed: 0, text: 'a' },
      { offset: 10, removed: 0, text: 'a' },
    ]);
    typing.tracker.changed(URI, [
      { offset: 42, removed: 0, text: 'b' },
      { offset: 11, removed: 0, text: 'b' },
    ]);
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(typing.said, ['shown a', 'typed-through a inferred']);
  });

  it('does not mind what changes elsewhere in the document', async () => {
    const { tracker, said, offer, insert } = tracked();
    offer('a', 'ab');
    insert(2, 'import x;\n');
    insert(90, 'far below');
    insert(20, 'a');
    insert(21, 'b');
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(said, ['shown a', 'typed-through a inferred']);
    tracker.dispose();
  });

  it('sees the list of suggestions complete the offered name', async () => {
    const { said, offer, insert } = tracked();
    offer('a', 'chOne', 12);
    insert(7, 'fetchOne', 5);
    await wait(COMMAND_WITHIN_MS + 50);
    assert.deepEqual(said, ['shown a', 'typed-through a inferred']);
  });

  it('tells Escape, moving away and a newer completion apart', async () => {
    const { tracker, said, offer } = tracked();
    offer('a', 'abc');
    tracker.escaped();
    offer('b', 'abc');
    await wait(SHOWN_AFTER_MS + 30);
    tracker.moved(URI, 99);
    offer('c', 'abc');
    offer('d', 'xyz');
    assert.deepEqual(said, ['rejected a observed', 'shown b', 'ignored b inferred', 'superseded c inferred']);
    tracker.dispose();
  });

  it('does not mind changes of other documents, nor the cursor where the ghost text is', () => {
    const { tracker, said, offer } = tracked();
    offer('a', 'abc');
    tracker.changed('file:///b.ts', [{ offset: 10, removed: 0, text: 'x' }]);
    tracker.moved(URI, 10);
    assert.deepEqual(said, []);
    tracker.dispose();
  });

  it('costs less than a millisecond a keystroke (p99)', () => {
    const { tracker, offer, insert } = tracked();
    const text = 'x'.repeat(10_000);
    const times: number[] = [];
    for (let at = 0; at < 5000; at++) {
      const started = performance.now();
      offer(at % 7 === 0 ? `o${at}` : 'same', text.slice(at), 10 + at);
      insert(10 + at, 'x');
      tracker.moved(URI, 11 + at);
      times.push(performance.now() - started);
    }
    tracker.dispose();
    times.sort((left, right) => left - right);
    assert.ok(times[4950]! < 1, `${times[4950]} ms`);
  });
});
