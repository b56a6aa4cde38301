import assert from 'node:assert/strict';
import { indentationOf } from '../../../server/completion/indentation';
import { completionOf, endOf, stopRule } from '../../../server/completion/stop';

describe('where a completion ends', () => {
  const block = stopRule('function f() {\n  if (x) {\n    ', '\n  }\n}\n');

  it('is one line where code follows the cursor on its line', () => {
    const rule = stopRule('const a = ', ' + b;\n');
    assert.equal(rule.singleLine, true);
    assert.equal(endOf('x\nmore', rule), 1);
  });

  it('is a block where only closers follow that the editor typed by itself', () => {
    assert.equal(stopRule('call(', ');\nnext').singleLine, false);
  });

  it('is not known before the first line break', () => {
    assert.equal(endOf('return x;', block), -1);
  });

  it('comes before the first line that is less indented', () => {
    const text = 'log();\n    return 1;\n  }\n}';
    assert.equal(text.slice(0, endOf(text, block)), 'log();\n    return 1;');
  });

  it('comes at a blank line and after the most lines', () => {
    assert.equal(endOf('a;\n\n    b;', block), 2);
    const many = Array(20).fill('x;').join('\n    ');
    assert.equal(many.slice(0, endOf(many, block)).split('\n').length, block.maxLines);
  });

  it('waits while the next line has only its indentation', () => {
    assert.equal(endOf('a;\n    ', block), -1);
  });

  it('counts a tab as four columns', () => {
    assert.equal(indentationOf('\t  x'), 6);
  });

  const shown = (before: string, text: string, ended = false) =>
    completionOf(text, stopRule(before, '\n'), ended);

  it('is the line where code stands before the cursor', () => {
    assert.equal(shown('  const a = lo', 'ad(x);\n  const b = load(y);\n'), 'ad(x);');
    assert.equal(shown('  "a": ', '1,\n  "b": 2,\n'), '1,');
  });

  it('is the block that this line opens, with its closing line', () => {
    const block = 'x) {\n    return 1;\n  } else {\n    return 2;\n  }';
    assert.equal(shown('  if (', `${block}\n  next();\n`), block);
    assert.equal(shown('def f(', 'x):\n    return x\ndef g(y):\n'), 'x):\n    return x');
  });

  it('is without the line that the token limit cut', () => {
    assert.equal(shown('    ', 'a();\n    b'), 'a();');
    assert.equal(shown('    ', 'a();\n    b', true), 'a();\n    b');
    assert.equal(shown('    ', 'a(b'), 'a(b');
  });

  it('does not offer half a block', () => {
    assert.equal(shown('  ', 'a();\n  if (x) {\n    b();\n', true), 'a();');
    assert.equal(shown('  ', 'if (x) {\n    b({\n      c,\n', true), 'if (x) {');
    assert.equal(shown('  ', "a('(');\n  b(); // (\n  c();", true), "a('(');\n  b(); // (\n  c();");
  });
});
