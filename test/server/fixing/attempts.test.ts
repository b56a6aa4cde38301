import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attemptEnd, attemptText, endRule } from '../../../server/fixing/attempt-end';
import { endsTheRun } from '../../../server/fixing/ends-the-run';
import { diffOf, fileWith, readProblem } from '../../../server/fixing/problem';
import { baselineOf, scoreOf } from '../../../server/fixing/score';
import { removeFolders, temporaryFolder } from '../model/folders';

after(removeFolders);

describe('where an attempt ends', () => {
  const cut = (written: string, failing: string, suffix = '', ended = false) =>
    attemptText(written, endRule(failing, suffix), ended);

  it('ends with the block that the range is of', () => {
    assert.equal(cut('    return a\n\ndef other():\n    pass\n', '    return b'), '    return a');
    assert.equal(cut('  return a;\n}\n\nfunction x() {\n', '  return b;', '\n}'), '  return a;');
  });

  it('takes one function where the range is one with its header', () => {
    const written = 'def f(x):\n    return x\n\ndef g(x):\n    return 2\n';
    assert.equal(cut(written, 'def f(x):\n    return 1'), 'def f(x):\n    return x');
    const braces = 'function f(x) {\n  return x;\n}\n\nfunction g() {\n}\n';
    assert.equal(cut(braces, 'function f(x) {\n  return 1;\n}'), 'function f(x) {\n  return x;\n}');
  });

  it('does not write the line below again', () => {
    assert.equal(cut('  a = 1\n  return a + b\n', '  a = 2', '\n  return a + b\n'), '  a = 1');
  });

  it('leaves out a line that was not finished, unless the model ended there', () => {
    assert.equal(cut('    a = 1\n    b = fo', '    x'), '    a = 1');
    assert.equal(cut('    a = 1\n    b = fo', '    x', '', true), '    a = 1\n    b = fo');
  });

  it('says nothing of a line that may go on', () => {
    assert.equal(attemptEnd('    return a\nde', endRule('    x', '')), -1);
  });
});

describe('texts that make a run end instead of passing it', () => {
  for (const text of [
    'import sys; sys.exit(0)',
    'process.exit(0);',
    'raise SystemExit',
    'raise unittest.SkipTest("x")',
    'pytest.skip("later")',
    't.Skip("x")',
    'os._exit(0)',
    'exit()',
    'std::process::exit(0);',
    'System.exit(0);',
    'this.skip();',
  ])
    it(text, () => assert.ok(endsTheRun(text, 'return 1')));

  for (const text of [
    'return exits(1)',
    'await queue.exitAll()',
    'const quitting = true;',
    'on_exit = 1',
    'skip = 2',
  ])
    it(`not ${text}`, () => assert.ok(!endsTheRun(text, '')));

  it('not where it stood there before', () => assert.ok(!endsTheRun('process.exit(1);', 'process.exit(0);')));
});

describe('the place that may change', () => {
  const at = (name: string, text: string, range: { first: number; last: number }) => {
    const root = temporaryFolder();
    writeFileSync(join(root, name), text);
    return readProblem({ root, file: join(root, name), range });
  };

  it('is put together again as it was, with its own line breaks', () => {
    const text = 'a\r\n  b\r\nc\r\n';
    const problem = at('x.js', text, { first: 2, last: 2 });
    assert.equal(problem.failing, '  b');
    assert.equal(fileWith(problem, '  b'), text);
    assert.equal(fileWith(problem, '  d\n  e'), 'a\r\n  d\r\n  e\r\nc\r\n');
  });

  it('is told as a diff', () => {
    const problem = at('x.js', 'a\nb\nc\n', { first: 2, last: 2 });
    assert.match(diffOf(problem, 'd'), /^--- a\/x\.js\n\+\+\+ b\/x\.js\n@@[^\n]*\n a\n-b\n\+d\n c\n/);
    assert.equal(diffOf(problem, 'b'), '');
  });

  it('is no test, and is there', () => {
    assert.throws(() => at('x.test.js', 'a', { first: 1, last: 1 }), /test's file/);
    assert.throws(() => at('x.js', 'a\nb', { first: 2, last: 9 }), /has 2 lines/);
  });
});

describe('what a run says of an attempt', () => {
  const command = 'npx jest';
  const jest = (passed: number, failed: number) =>
    [
      failed ? 'FAIL ./cart.test.js' : 'PASS ./cart.test.js',
      ...(failed
        ? [
            '  ● adds prices',
            '',
            '    expect(received).toBe(expected) // Object.is equality',
            '',
            '    Expected: 5',
            '    Received: -5',
            '',
            '      at Object.<anonymous> (cart.test.js:7:18)',
            '',
          ]
        : []),
      `Tests:       ${failed ? `${failed} failed, ` : ''}${passed} passed, ${passed + failed} total`,
      'Time:        0.4 s',
      '',
    ].join('\n');
  const run = (output: string, exitCode: number | null = 0, ended: null | 'time' = null) => ({
    output,
    exitCode,
    ended,
    seconds: 1,
  });
  const baseline = baselineOf(command, run(jest(1, 1), 1));

  it('passes where the same tests ran and all passed', () => {
    const score = scoreOf(command, run(jest(2, 0)), baseline);
    assert.deepEqual([score.passed, score.reward, score.refused], [true, 1, null]);
  });

  it('is refused where fewer ran, or none', () => {
    assert.match(scoreOf(command, run(jest(1, 0)), baseline).refused!, /Only 1 of 2 tests ran/);
    const silent = scoreOf(command, run(''), baseline);
    assert.equal(silent.passed, false);
    assert.match(silent.refused!, /no summary of jest/);
  });

  it('counts what passed, and tells what failed in the words of the test', () => {
    const score = scoreOf(command, run(jest(1, 1), 1), baseline);
    assert.deepEqual([score.passed, score.testsPassed, score.tests], [false, 1, 2]);
    assert.match(score.failure, /Expected: 5/);
    assert.ok(score.reward > 0.4 && score.reward < 1);
  });

  it('says that it did not end', () => {
    assert.match(scoreOf(command, run('', null, 'time'), baseline).failure, /did not end within its time/);
  });

  it('goes by the exit code where the command is no test runner', () => {
    const plain = baselineOf('python3 check.py', run('Traceback…', 1));
    assert.equal(scoreOf('python3 check.py', run('ok'), plain).passed, true);
    assert.equal(scoreOf('python3 check.py', run('no', 1), plain).passed, false);
  });
});
