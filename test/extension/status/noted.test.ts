import assert from 'node:assert/strict';
import { notedWords } from '../../../extension/status/noted';

describe('the words of an acknowledgement', () => {
  const words = (offered: string, kept: string) => notedWords({ completionId: 'c', offered, kept });

  it('are short texts whole', () => {
    assert.equal(words('db.get(id);', 'db.fetch(id);'), 'noted: db.fetch(id); instead of db.get(id);');
  });

  it('are long ones from where they differ, and cut', () => {
    const said = words(
      "const result = console.warn('could not load', id);",
      "const result = lg.emit(Level.Warn, 'could not load', { id });",
    );
    assert.equal(said, "noted: lg.emit(Level.Warn, 'could … instead of console.warn('could not loa…");
  });

  it('are of the first line', () => {
    assert.equal(words('a();\nb();', 'c();\nd();'), 'noted: c(); instead of a();');
  });

  it('say that something was taken out', () => {
    assert.equal(words('a();', '  '), 'noted: without “a();”');
  });
});
