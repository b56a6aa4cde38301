import assert from 'node:assert/strict';
import { applyFilters } from '../../../server/completion/filters/index';

const filter = (text: string, suffix = '', prefix = '') => applyFilters(text, { prefix, suffix });

describe('completion filters', () => {
  it('drops what is only white space', () => {
    assert.equal(filter('  \n  '), null);
  });

  it('trims white space at the end', () => {
    assert.equal(filter('return x;  \n'), 'return x;');
  });

  it('cuts before the fence that a chatting model writes behind code', () => {
    assert.equal(filter('return total\n```\n\nThis sums them.'), 'return total');
    assert.equal(filter('```python\nreturn 1'), null);
    assert.equal(filter('a\n```', '', '# ```\n'), 'a\n```');
    assert.equal(applyFilters('a\n```', { prefix: '', suffix: '', languageId: 'markdown' }), 'a\n```');
    assert.equal(filter('const a = `x```y`;'), 'const a = `x```y`;');
  });

  it('cuts lines that repeat', () => {
    assert.equal(filter('a();\nb();\nb();\nb();\nb();'), 'a();\nb();');
  });

  it('cuts a block that comes a second time', () => {
    const check = "if (path === 'stream') {\n  return;\n}";
    assert.equal(filter(`load();\n${check}\n${check}\nif (path`), `load();\n${check}`);
    const handler = 'error) {\n  this.error(error);';
    assert.equal(filter(`${handler}\n} catch (${handler}\n})`, '', 'try {\n  open();\n} catch ('), handler);
    assert.equal(filter('a();\n}\n}\n}'), 'a();\n}\n}\n}');
    assert.equal(filter('i++;\ni++;\nnext();'), 'i++;\ni++;\nnext();');
    assert.equal(filter('a();\nreturn b;\nreturn b;'), 'a();\nreturn b;');
  });

  it('keeps blocks that end alike, one within the other', () => {
    const text = "function (key) {\n  if (key === 'a') {\n    return [key];\n  }\n  return [key];\n}";
    assert.equal(filter(text, ');\n', 'items.map('), text);
  });

  it('drops a looping text', () => {
    assert.equal(filter(`x = ${'foo.bar'.repeat(6)}`), null);
    assert.equal(filter(`get(${'table.getRowModel('.repeat(3)}`), null);
    assert.equal(filter('...options, ...options, ...options, ...options }'), null);
    assert.equal(filter(`# If ${'is a `__init__` or `__init__` '.repeat(3)}or not`), null);
    for (const kept of [
      'call(null, null, null, x);',
      '[0.125, 0.125, 0.125, 0.125, 1]',
      '// ---------------------------- //',
    ])
      assert.equal(filter(kept), kept);
    assert.equal(filter('a, b, c, d'), 'a, b, c, d');
    assert.equal(filter('[0, 1], [0, 1], [0, 1]'), '[0, 1], [0, 1], [0, 1]');
  });

  it('does not repeat the closers behind the cursor', () => {
    assert.equal(filter('a, b);', ');\nnext();'), 'a, b');
  });

  it('does not repeat the lines behind the cursor', () => {
    assert.equal(filter('log();\n    return null;\n  }', '\n    return null;\n  }\n'), 'log();');
  });

  it('drops what the lines below say already', () => {
    const below = '\n    return null;\n  }\n}\n';
    assert.equal(filter('return null;', below, '  if (!id) {\n    '), null);
    assert.equal(filter('return null;\n  }', below, '  if (!id) {\n    '), null);
    // In a block of its own, on a line with code, or going on otherwise it is another text.
    for (const [text, prefix] of [
      ['return null;', '  if (!id) {\n    if (strict) {\n      '],
      ['return null;', '  if (!id) '],
      ['return null;\n    }', '  if (!id) {\n    '],
    ] as const)
      assert.equal(filter(text, below, prefix), text);
  });

  it('keeps a closing bracket of its own although another follows', () => {
    assert.equal(filter('if (x) {\n    stop();\n  }', '\n}\n'), 'if (x) {\n    stop();\n  }');
  });

  it('leaves a text alone that only resembles what follows', () => {
    assert.equal(filter('return nil;', '\n    return null;\n  }\n'), 'return nil;');
  });
});
