import assert from 'node:assert/strict';
import { type Correction, CorrectionIndex } from '../../../server/completion/recall';

const correction = (id: number, name: string, languageId = 'typescript'): Correction => ({
  id,
  languageId,
  path: `src/${name}.ts`,
  prefix: `export function load${name}(id: string) {\n  if (!id) {\n    `,
  suffix: '\n    return null;\n  }\n',
  solution: `lg.emit(Level.Warn, 'load${name}', { id });`,
});

describe('instant memory', () => {
  const index = new CorrectionIndex();
  index.add(correction(1, 'User'));
  index.add({
    ...correction(2, 'Sum'),
    prefix: 'const totals = rows.map((row) => row.amount);\nreturn totals.',
    solution: 'reduce(add, 0);',
  });
  index.add(correction(3, 'Order', 'python'));

  it('finds the correction of a similar place and gives the whole kept line', () => {
    const place = {
      languageId: 'typescript',
      prefix: 'export function saveToken(id: string) {\n  if (!id) {\n    ',
    };
    assert.equal(index.recall(place), "kept: lg.emit(Level.Warn, 'loadUser', { id });\n");
  });

  it('is silent at places that resemble none', () => {
    assert.equal(index.recall({ languageId: 'typescript', prefix: '<div className="header">\n  ' }), null);
  });

  it('forgets what was removed', () => {
    const other = new CorrectionIndex();
    other.add(correction(1, 'User'));
    other.remove(1);
    assert.equal(other.size, 0);
    assert.deepEqual(other.search({ languageId: 'typescript', prefix: correction(1, 'User').prefix }, 3), []);
  });

  it('keeps the newest at its capacity, and finds among them', () => {
    const full = new CorrectionIndex();
    for (let id = 0; id < 4500; id++) full.add(correction(id, `Name${id}`));
    assert.equal(full.size, 4000);
    const found = full.search({ languageId: 'typescript', prefix: correction(0, 'Name4400').prefix }, 2);
    assert.equal(found[0]?.id, 4400);
  });
});
