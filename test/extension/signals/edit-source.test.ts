import assert from 'node:assert/strict';
import { type EditFacts, reasonOf } from '../../../extension/signals/edit-source';

const LINE = { offset: 100, text: '  return db.get(id);' };
const at = (offset: number, end = offset) => [{ start: offset, end }];
const GET = 100 + LINE.text.indexOf('get');

function facts(given: Partial<EditFacts>): EditFacts {
  return {
    changes: [{ offset: 105, removed: 0, text: 'x' }],
    reason: undefined,
    saving: false,
    dirty: true,
    shown: 'active',
    selections: at(105),
    line: LINE,
    pasting: false,
    typing: false,
    ...given,
  };
}
const change = (offset: number, removed: number, text: string) => ({ changes: [{ offset, removed, text }] });

describe('why a document changed', () => {
  it('is nothing special where it was typed', () => {
    const typed: Partial<EditFacts>[] = [
      {},
      change(104, 1, ''),
      change(105, 0, '()'),
      change(105, 0, '\n    '),
      change(105, 0, '\n     * '),
      // Over a selected word, a letter at a time.
      { ...change(GET, 3, 'f'), selections: at(GET, GET + 3) },
      // A suggestion, also one that does not begin with what was typed.
      { ...change(GET, 3, 'getAll'), selections: at(GET + 3) },
      { ...change(GET, 3, 'forGetting'), selections: at(GET + 3) },
      // Delete line, comment line, move line up.
      { ...change(100, LINE.text.length + 1, ''), selections: at(110) },
      { ...change(102, 0, '// '), selections: at(115) },
      { ...change(80, 20, ''), selections: at(115) },
      // With a suggestion comes its import.
      {
        changes: [
          { offset: 105, removed: 1, text: 'join' },
          { offset: 0, removed: 0, text: "import { join } from 'node:path';\n" },
        ],
        selections: at(106),
      },
      {
        selections: [...at(105), ...at(400)],
        changes: [change(400, 0, 'a'), change(105, 0, 'a')].flatMap((c) => c.changes),
      },
    ];
    for (const given of typed) assert.equal(reasonOf(facts(given)), undefined, JSON.stringify(given));
  });

  it('is what the editor says, or what a save does', () => {
    assert.equal(reasonOf(facts({ reason: 'undo' })), 'undo');
    assert.equal(reasonOf(facts({ reason: 'redo' })), 'redo');
    assert.equal(reasonOf(facts({ saving: true, ...change(140, 1, '') })), 'format');
    assert.equal(reasonOf(facts({ saving: true, ...change(105, 0, 'a();\n') })), 'format');
    for (const key of ['x', '()', '\n    ', '']) {
      const typed = key === '' ? change(104, 1, '') : change(105, 0, key);
      assert.equal(reasonOf(facts({ saving: true, ...typed })), undefined, key);
    }
  });

  it('is a refactoring where nobody sees the file, and nothing of ours where it came from the disk', () => {
    assert.equal(reasonOf(facts({ shown: 'nowhere' })), 'refactoring');
    assert.equal(reasonOf(facts({ shown: 'nowhere', dirty: false })), undefined);
    assert.equal(reasonOf(facts({ dirty: false, ...change(0, 400, 'all of it\nanew') })), undefined);
  });

  it('is a rename at several places, and at one', () => {
    const places = [300, 200, GET].map((offset) => ({ offset, removed: 3, text: 'fetch' }));
    assert.equal(reasonOf(facts({ changes: places, selections: at(GET) })), 'rename');
    for (const cursor of [GET, GET + 1, GET + 3])
      assert.equal(reasonOf(facts({ ...change(GET, 3, 'fetchRow'), selections: at(cursor) })), 'rename');
    assert.equal(reasonOf(facts({ ...change(GET, 3, 'getRow'), selections: at(GET + 1) })), 'rename');
    assert.notEqual(reasonOf(facts({ ...change(GET, 2, 'fetchRow'), selections: at(GET + 1) })), 'rename');
    assert.notEqual(reasonOf(facts({ ...change(GET, 3, 'fetch row'), selections: at(GET + 1) })), 'rename');
    assert.notEqual(
      reasonOf(facts({ ...change(GET, 3, 'fetchRow'), selections: at(GET + 1), line: null })),
      'rename',
    );
  });

  it('is a paste where one was announced', () => {
    const text = 'const a = 1;\nconst b = 2;\n';
    assert.equal(reasonOf(facts({ ...change(105, 0, text), pasting: true })), 'paste');
    assert.equal(reasonOf(facts({ ...change(105, 0, 'x'), pasting: true })), 'paste');
    assert.equal(reasonOf(facts({ ...change(104, 1, ''), pasting: true })), undefined);
    assert.equal(reasonOf(facts({ ...change(105, 0, text), pasting: true, reason: 'undo' })), 'undo');
  });

  it('is a program where no cursor is, in an editor without the focus, or where several lines come at once', () => {
    assert.equal(reasonOf(facts({ ...change(300, 5, 'other') })), 'program');
    assert.equal(reasonOf(facts({ ...change(300, 0, 'x'), typing: true })), undefined);
    assert.equal(reasonOf(facts({ shown: 'visible' })), 'program');
    assert.equal(reasonOf(facts({ ...change(105, 0, 'if (a) {\n    b();\n  }') })), 'program');
    assert.equal(reasonOf(facts({ ...change(0, 400, 'all of it\nanew'), line: null })), 'program');
  });
});
