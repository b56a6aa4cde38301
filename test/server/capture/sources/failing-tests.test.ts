import assert from 'node:assert/strict';
import type { Session } from '../session';
import { withSession } from '../with-session';

describe('the tests that fail', () => {
  let s: Session;
  withSession((session) => {
    s = session;
  });

  const failure = () => `
  1) find
       finds a row:
     TypeError: db.get is not a function
      at find (${s.folder}/src/a.ts:4:13)
      at Context.<anonymous> (${s.folder}/test/a.test.ts:5:3)
`;

  it('are known with their places and the completion that is blamed, until they pass', async () => {
    s.take('src/a.ts', 'return ', 'db.get(id);');
    s.save('src/a.ts');
    await s.run(failure(), 1);
    const [test, ...others] = s.capture.failingTests();
    assert.equal(others.length, 0);
    assert.deepEqual(test!.places[0], { path: `${s.folder}/src/a.ts`, line: 4, isTest: false });
    assert.deepEqual(test!.completion, { path: `${s.folder}/src/a.ts`, range: { first: 4, last: 4 } });
    // It moves with the document.
    s.edit('src/a.ts', 0, 0, '// above\n');
    assert.equal(s.capture.failingTests()[0]!.completion!.range.first, 5);
    await s.run('1 passing', 0);
    assert.deepEqual(s.capture.failingTests(), []);
  });

  it('are laid to nothing where no completion stands at their place', async () => {
    await s.run(failure(), 1);
    assert.equal(s.capture.failingTests()[0]!.completion, null);
  });
});
