import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isCommentedOut, isMechanical } from '../../../../server/capture/edits/mechanical';

/** before, after, language. */
type Case = [string, string, string];

const MECHANICAL: Record<string, Case[]> = {
  blanks: [
    ['f(a,b)', 'f(a, b)', 'typescript'],
    ['if (x) {a();}', 'if (x) {\n  a();\n}', 'typescript'],
    ['a();\nb();', 'a();\r\nb();', 'typescript'],
    ['x = f(a, b)', 'x = f(\n    a,\n    b,\n)', 'python'],
    ['total = a + \\\n    b', 'total = a + b', 'python'],
  ],
  semicolons: [
    ['  first(a)\n  second(a)', '  first(a);\n  second(a)', 'javascript'],
    ['return a', 'return a;', 'typescript'],
    ['type A = { a: string }', 'type A = { a: string; }', 'typescript'],
  ],
  'commas behind the last': [
    ['[1, 2]', '[\n  1,\n  2,\n]', 'typescript'],
    ['  "pear"', '  "pear",', 'typescript'],
    ['f(a, b,)', 'f(a, b)', 'python'],
    ['vec![1, 2,]', 'vec![1, 2]', 'rust'],
  ],
  quotes: [
    ["import a from 'a';", 'import a from "a";', 'typescript'],
    ["x = 'it is'", 'x = "it is"', 'python'],
    [`x = 'say "hi"'`, `x = "say \\"hi\\""`, 'python'],
    ["x = '''doc'''", 'x = """doc"""', 'python'],
    ['const a = `plain`;', "const a = 'plain';", 'typescript'],
    ["puts 'plain'", 'puts "plain"', 'ruby'],
    ["a { content: '' }", 'a { content: "" }', 'css'],
  ],
  'let and const': [
    ['let total = sum(a);', 'const total = sum(a);', 'typescript'],
    ['for (const x of y) {', 'for (let x of y) {', 'javascript'],
  ],
  'the case of a literal': [
    ['const mask = 0XFF;', 'const mask = 0xff;', 'typescript'],
    ['x = 0xDEADBEEF', 'x = 0xdeadbeef', 'python'],
    ['long n = 10l;', 'long n = 10L;', 'java'],
    ['const e = 1E5;', 'const e = 1e5;', 'typescript'],
    ['color: #FFF;', 'color: #fff;', 'css'],
    ['x = F"{a}"', 'x = f"{a}"', 'python'],
    ['select * from a', 'SELECT * FROM a', 'sql'],
  ],
  parentheses: [
    ['items.map(x => x.id)', 'items.map((x) => x.id)', 'typescript'],
    ['return (\n    <App />\n  );', 'return <App />;', 'typescriptreact'],
    ['if (a):', 'if a:', 'python'],
    ['return (a + b)', 'return a + b', 'python'],
  ],
  'commented out': [
    ['  first(a);', '  // first(a);', 'javascript'],
    ['first(a);', '// first(a);', 'typescript'],
    ['    first(a)\n    second(a)', '    # first(a)\n    # second(a)', 'python'],
    ['first(a)\n    second(a)', 'first(a)\n    # second(a)', 'python'],
    ['  first(a);', '  /* first(a); */', 'c'],
    ['<b>x</b>', '<!-- <b>x</b> -->', 'html'],
    ['<b>x</b>', '{/* <b>x</b> */}', 'typescriptreact'],
    ['select 1', '-- select 1', 'sql'],
    ['(f a)', ';; (f a)', 'clj'],
  ],
};

const CORRECTIONS: Case[] = [
  ['db.get(id);', 'db.fetch(id);', 'typescript'],
  ['a * (b + c)', 'a * b + c', 'typescript'],
  ['x = (a + b) * c', 'x = a + b * c', 'python'],
  ['f(a)(b)', 'f(a, b)', 'typescript'],
  ['f((a, b))', 'f(a, b)', 'typescript'],
  ['(a,)', '(a)', 'python'],
  ['x = (1,)', 'x = (1)', 'python'],
  ['"GET"', '"get"', 'typescript'],
  ['"a b"', '"ab"', 'typescript'],
  ["'a'", '"a"', 'c'],
  ["'a'", '"a"', 'rust'],
  ["echo '$HOME'", 'echo "$HOME"', 'shellscript'],
  ["puts '#{a}'", 'puts "#{a}"', 'ruby'],
  ['const a = `$' + '{b}`;', "const a = '$" + "{b}';", 'typescript'],
  ['for (let i = 0; i < n; i++)', 'for (let i = 0, i < n, i++)', 'typescript'],
  ['var x = 1;', 'let x = 1;', 'typescript'],
  ['True', 'true', 'python'],
  ['total', 'Total', 'typescript'],
  ['return a;', 'return a; // why', 'typescript'],
  ['1.5', '15', 'typescript'],
  ['a = b', 'a == b', 'python'],
  ['if (a) b();', 'if (!a) b();', 'typescript'],
  ['', 'a', 'typescript'],
  ['a', '', 'typescript'],
  ['  first(a);', '  // second(a);', 'javascript'],
];

describe('mechanical edits', () => {
  for (const [kind, cases] of Object.entries(MECHANICAL))
    it(`are ${kind}, in either direction`, () => {
      for (const [before, after, language] of cases) {
        assert.ok(isMechanical(before, after, language), `${before} → ${after}`);
        if (kind !== 'commented out')
          assert.ok(isMechanical(after, before, language), `${after} → ${before}`);
        assert.equal(isCommentedOut(before, after, language), kind === 'commented out', after);
      }
    });

  it('are not what changes the meaning', () => {
    for (const [before, after, language] of CORRECTIONS)
      assert.ok(!isMechanical(before, after, language), `${before} → ${after}`);
  });

  it('are told quickly, whatever the text', () => {
    const hostile = ['(', '"', "'", '/*', '`', '((((a', '// ', ',', ';', '\\', '#', '1e', '=>(', '\n', 'ab '];
    for (const piece of hostile) {
      const text = piece.repeat(Math.ceil(30_000 / piece.length));
      for (const length of [7_900, 30_000]) {
        const started = performance.now();
        isMechanical(text.slice(0, length), `${text.slice(0, length - 1)}x`, 'typescript');
        const took = performance.now() - started;
        assert.ok(took < 1_000, `${JSON.stringify(piece)}: ${took} ms`);
      }
    }
    const nested = `${'= ('.repeat(1_500)}${');'.repeat(1_500)}`;
    const started = performance.now();
    isMechanical(nested, `${nested}x`, 'python');
    assert.ok(performance.now() - started < 1_000);
    const unit = fc.constantFrom(
      'a',
      '1',
      '"',
      "'",
      '(',
      ')',
      ',',
      ';',
      '\n',
      ' ',
      '//',
      '/*',
      '*/',
      '\\',
      '`',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), fc.string({ unit, maxLength: 60 }), (a, b) => {
        assert.ok(a.trim() === '' || isMechanical(a, a, 'python'));
        assert.equal(typeof isMechanical(a, b, 'typescript'), 'boolean');
      }),
    );
  });
});
