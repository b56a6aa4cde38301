import assert from 'node:assert/strict';
import { EditJournal } from '../../../server/prompt-context/edit-journal';
import { smallDiff } from '../../../server/prompt-context/notes';

const FILE = Array.from({ length: 40 }, (_, i) => `line ${i};`).join('\n');

/** A document that is edited step by step, as an editor tells of it. */
class Typed {
  version = 1;
  text = FILE;

  constructor(
    private readonly journal: EditJournal,
    readonly uri = 'file:///a.ts',
  ) {}

  replace(old: string, now: string): void {
    const before = this.text;
    this.text = before.replace(old, now);
    this.version += 1;
    this.journal.changed({ uri: this.uri, path: 'a.ts', version: this.version, before, after: this.text });
  }

  /** Letter by letter, behind `place`. */
  type(place: string, text: string): void {
    for (let i = 0; i < text.length; i++)
      this.replace(place + text.slice(0, i), place + text.slice(0, i + 1));
  }
}

const diffs = (journal: EditJournal, at?: { uri: string; line: number }) =>
  journal.recent(at).map(({ before, after }) => smallDiff(before, after));

describe('the journal of edits', () => {
  let time = 0;
  let journal: EditJournal;
  let document: Typed;
  beforeEach(() => {
    time = 0;
    journal = new EditJournal(() => time);
    document = new Typed(journal);
  });

  it('takes what is typed in one region for one edit, the latest last', () => {
    document.type('line 3;', ' three();');
    document.type('line 4;', ' four();');
    document.replace('line 30;', 'line thirty;');
    assert.deepEqual(diffs(journal), [
      '-line 3;\n-line 4;\n+line 3; three();\n+line 4; four();',
      '-line 30;\n+line thirty;',
    ]);
  });

  it('leaves out the edit that the cursor stands in', () => {
    document.type('line 3;', ' three();');
    document.type('line 30;', ' thirty();');
    assert.deepEqual(diffs(journal, { uri: document.uri, line: 30 }), ['-line 3;\n+line 3; three();']);
    assert.equal(diffs(journal, { uri: 'file:///b.ts', line: 30 }).length, 2);
  });

  it('leaves out what a program did, whether that is told before or after', () => {
    document.type('line 3;', ' three();');
    journal.madeByProgram(document.uri, document.version + 1);
    document.replace('line 20;', 'agent();');
    document.replace('line 25;', 'formatted();');
    journal.madeByProgram(document.uri, document.version);
    time += 10_000;
    document.type('line 30;', ' x();');
    assert.deepEqual(diffs(journal), ['-line 3;\n+line 3; three();', '-line 30;\n+line 30; x();']);
  });

  it('forgets what was taken back, and what is long ago', () => {
    document.replace('line 3;', 'three();');
    document.replace('three();', 'line 3;');
    assert.deepEqual(diffs(journal), []);
    document.replace('line 3;', 'three();');
    time += 3_600_000;
    assert.deepEqual(diffs(journal), []);
  });
});
