import assert from 'node:assert/strict';
import { bodyOf, calledIn } from '../../../extension/fixing/body';

function body(text: string): string {
  const lines = text.split('\n');
  const { first, last } = bodyOf(lines, { first: 1, last: lines.length });
  return lines.slice(first - 1, last).join('\n');
}

describe('the body of a function', () => {
  it('goes without header and closing line', () => {
    assert.equal(body('function f(a) {\n  return a;\n}'), '  return a;');
    assert.equal(body('const f = (a) => {\n  return a;\n};'), '  return a;');
    assert.equal(body('def f(a):\n    b = a\n    return b'), '    b = a\n    return b');
    assert.equal(body('fn f(a: u8) -> u8 {\n    a\n}'), '    a');
    assert.equal(body('def f(a)\n  a\nend'), '  a');
  });

  it('knows headers of several lines', () => {
    assert.equal(body('function f(\n  a,\n  b,\n) {\n  return a;\n}'), '  return a;');
    assert.equal(body('int f(int a)\n{\n    return a;\n}'), '    return a;');
  });

  it('leaves a docstring as it is', () => {
    assert.equal(body('def f(a):\n    """What it does."""\n    return a'), '    return a');
    assert.equal(body('def f(a):\n    """\n    What: it does.\n    """\n    return a'), '    return a');
  });

  it('is the whole function where that is one line', () => {
    assert.equal(body('const f = (a) => a;'), 'const f = (a) => a;');
  });
});

describe('what a line of a test calls', () => {
  it('names the innermost first', () => {
    const line = '  assert.equal(total(items(2)), 5);';
    assert.deepEqual(
      calledIn(line).map((at) => /^\w+/.exec(line.slice(at))![0]),
      ['items', 'total', 'equal'],
    );
  });
});
