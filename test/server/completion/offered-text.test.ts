import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { OfferedText } from '../../../server/completion/offered-text';
import { Grammars } from '../../../server/syntax/grammars';
import { ROOT } from '../../root';

interface Case {
  what: string;
  prefix: string;
  suffix: string;
  modelWrites: string;
  wanted: string | null;
}

const grammars = new Grammars();
const LANGUAGES: [RegExp, string][] = [
  [/^Rust/, 'a.rs'],
  [/^Python/, 'a.py'],
  [/^Lisp/, 'a.lisp'],
  [/^Lua/, 'a.lua'],
];

/** What the editor would show where the model writes `written` and ends. */
async function offered(path: string, prefix: string, written: string, suffix: string) {
  const lf = (text: string) => text.replaceAll('\r\n', '\n');
  const at = await OfferedText.at({ path, languageId: '', prefix: lf(prefix), suffix: lf(suffix) }, grammars);
  return at.offered(at.completionOf(written, true)).text;
}

describe('what is offered of what the model writes', () => {
  for (const file of ['offered-text.json', 'cut-by-bracket-count.json']) {
    const cases: Case[] = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/cases/offers', file), 'utf8'));
    for (const { what, prefix, suffix, modelWrites, wanted } of cases) {
      const own = LANGUAGES.find(([name]) => name.test(what))?.[1];
      // With the grammar or scan of its language, and where nobody knows which it is.
      for (const path of own ? [own, 'noname'] : ['a.ts', 'a.js', 'noname'])
        it(`${what} (${path})`, async () => {
          assert.equal(await offered(path, prefix, modelWrites, suffix), wanted);
        });
    }
  }

  // More of each kind: path, prefix, what the model writes, suffix, what is offered.
  const more: Record<string, [string, string, string, string, string | null][]> = {
    'closers that stand behind the cursor': [
      ['a.ts', 'const f = (x) => {', '\n  return x;\n};', '};\n', '\n  return x;\n'],
      ['a.ts', 'class A {\n  half(x) {', '\n    return x / 2;\n  }\n}', '}\n}\n', '\n    return x / 2;\n  '],
      ['a.ts', 'run({', '\n  deep: { a: [1, 2] },\n});', '});\n', '\n  deep: { a: [1, 2] },\n'],
      ['a.ts', 'if (a) {\n  foo({', '\n    a: 1,\n  });\n}', '\n  });\n}\n', '\n    a: 1,'],
      ['a.ts', 'foo(bar(', 'x))', '))\n', 'x'],
      ['a.ts', 'foo(bar(', 'x), y', ')\n', 'x), y'],
      ['a.ts', 'const a = [', '1, 2];', '];\n', '1, 2'],
      ['a.ts', 'const a = [1, ', '2]; // two', '];\n', '2'],
      ['a.ts', 'foo(', 'a) && bar(b', ');\n', 'a) && bar(b'],
      ['a.ts', 'foo(', 'bar()', ')\n', 'bar()'],
      ['a.ts', "const s = '", "it' + x + 'end'", "';\n", "it' + x + 'end"],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: they are templates of the document
      ['a.ts', 'const s = `a ${', 'b} c ${d}`;', '}`;\n', 'b} c ${d'],
      ['a.ts', 'if (', 'ready) {', ') {\n  go();\n}\n', 'ready'],
      ['a.tsx', 'const a = <b title="', 'on">x</b>;', '" />;\n', 'on'],
      ['a.py', 'print(f"', 'total {x}")', '")\n', 'total {x}'],
      ['a.py', 'x = {"a": [', '1, 2]}', ']}\n', '1, 2'],
      ['a.py', '"""', 'Doc."""', '"""\n', 'Doc.'],
      ['a.go', 'func f() {\n\tgo func() {', '\n\t\twork()\n\t}()', '}()\n}\n', '\n\t\twork()\n\t'],
      ['a.rs', "fn f<'a>(x: &'a str) {\n    g(", 'x, "a");', ');\n}\n', 'x, "a"'],
      ['a.java', 'class A { void f() { g(', 'a, b); } }', '); } }\n', 'a, b'],
      ['a.lisp', '(defun f ()\n  (list ', "'(1 2)))", '))\n', "'(1 2)"],
      ['a.c', 'int a[] = {', '1, 2, 3};', '}; /* all */\n', '1, 2, 3'],
    ],
    'the rest of a word or line': [
      ['a.ts', 'const re', 'sult', 'sult = 1;\n', null],
      ['a.ts', 'return cust', 'omer.name;', 'mer.name;\n', 'o'],
      ['a.ts', 'foo(', 'x, bar, baz)', 'bar, baz);\n', 'x, '],
      ['a.ts', 'foo(', 'x, bar', 'bar, baz);\n', 'x, '],
      ['a.ts', 'const a = ', 'load(id)', ';\n', 'load(id)'],
      ['a.ts', 'const a = ', 'load(id);', ';\n', 'load(id)'],
    ],
    'lines that stand above or below': [
      ['a.ts', 'function f() {\n', '  return a;', '\n    return a;\n}\n', null],
      ['a.ts', 'function f() {\n\t', 'return a;', '\n  return a;\n}\n', null],
      ['a.ts', 'function f() {\n      ', 'return a;', '\n  return a;\n}\n', null],
      ['a.py', 'def f(x):\n    if x:\n        ', 'return None', '\n    return None\n', 'return None'],
      ['a.ts', 'f(a);\nconst b', ' = g(a);', '\nconst b = g(a);\n', null],
      ['a.ts', 'const a = g();\nconst a', ' = g();', '\n', null],
      ['a.ts', 'f(a);\ng(b);\n', 'f(a);\ng(b);', '\n', null],
      ['a.ts', 'f(a);\ng(b);\n', 'g(b);\nh(c);', '\n', null],
      ['a.ts', 'f(a);\ng(b);\nh(c);\n', 'f(a);\ng(b);', '\n', null],
      ['a.ts', 'f(a);\n\n', 'f(a);', '\n', null],
      ['a.ts', 'if (a) {\n  if (b) {\n    c();\n  }\n', '}', '\n', '}'],
      ['a.ts', 'const m = [\n  [0, 1],\n  ', '[0, 1],', '\n];\n', '[0, 1],'],
      [
        'a.ts',
        'function f() {\n  ',
        'log(a);\n  return all.filter(Boolean);\n}\nf();',
        '\n    return all.filter(Boolean);\n}\n',
        'log(a);',
      ],
    ],
    'characters that are no text': [
      ['a.ts', 'f();\n', 'a();\r\nb();', '\n', 'a();\nb();'],
      ['a.ts', 'f();\n', 'good();\nbad("\ufffd");', '\n', 'good();'],
      ['a.ts', 'x = "', '\ufffd', '"\n', null],
      ['a.ts', 'x = ', '"\u{1f600}";', '\n', '"\u{1f600}";'],
      ['a.ts', 'x = ', '1;\u202e// ', '\n', null],
      ['a.ts', 'x = ', '1;\u007f', '\n', null],
    ],
    'brackets that are none': [
      [
        'a.rs',
        'impl A {\n    ',
        "fn f<'a, 'b>(x: &'a str, y: &'b str) -> &'a str {\n        x\n    }",
        '\n}\n',
        "fn f<'a, 'b>(x: &'a str, y: &'b str) -> &'a str {\n        x\n    }",
      ],
      [
        'a.ts',
        'function f(s) {\n  ',
        'const m = /[({]/.exec(s);\n  return m;',
        '\n}\n',
        'const m = /[({]/.exec(s);\n  return m;',
      ],
      [
        'a.ts',
        'function f(s) {\n  ',
        "a(); // don't (\n  return s;",
        '\n}\n',
        "a(); // don't (\n  return s;",
      ],
      [
        'a.tsx',
        'function F() {\n  ',
        "const a = <p>Don't (yet</p>;\n  return a;",
        '\n}\n',
        "const a = <p>Don't (yet</p>;\n  return a;",
      ],
      [
        'a.py',
        'def f(s):\n    ',
        's = s.replace("(", "")  # ( [ {\n    return s',
        '\n',
        's = s.replace("(", "")  # ( [ {\n    return s',
      ],
      ['a.py', 'def f(s):\n    ', "a = '''('''\n    return a", '\n', "a = '''('''\n    return a"],
      ['a.go', 'func f() {\n\t', "r := '('\n\tg(r)", '\n}\n', "r := '('\n\tg(r)"],
      [
        'a.java',
        'class A {\n  void f() {\n    ',
        "char c = '{';\n    g(c);",
        '\n  }\n}\n',
        "char c = '{';\n    g(c);",
      ],
      ['a.hs', 'f x = do\n  ', "let x' = g x -- (\n  return x'", '\n', "let x' = g x -- (\n  return x'"],
      ['a.sql', 'select a\n', 'from t -- all (\nwhere b = 1', '\n', 'from t -- all (\nwhere b = 1'],
      [
        'a.clj',
        '(defn f []\n  ',
        "(map inc '(1 2)) ; (\n  (g \\( x)",
        ')\n',
        "(map inc '(1 2)) ; (\n  (g \\( x)",
      ],
      [
        'a.cpp',
        'void f() {\n  ',
        "int a = 1'000'000; // (\n  g(a);",
        '\n}\n',
        "int a = 1'000'000; // (\n  g(a);",
      ],
      ['a.go', 'func f() {\n\t', 's := `(\n`\n\tg(s)', '\n}\n', 's := `(\n`\n\tg(s)'],
      ['a.ex', 'def f(s) do\n  ', 'a = s =~ ~r/[(]/ # (\n  a', '\nend\n', 'a = s =~ ~r/[(]/ # (\n  a'],
      [
        'a.kt',
        'fun f() {\n    ',
        `val s = "a ${'$'}{g("(")} b"\n    h(s)`,
        '\n}\n',
        `val s = "a ${'$'}{g("(")} b"\n    h(s)`,
      ],
      ['noname', '(defn f []\n  ', "(map inc '(1 2)) ; (\n  (g x)", ')\n', "(map inc '(1 2)) ; (\n  (g x)"],
      ['a.rb', 'def f(s)\n  ', 'a = s =~ /[(]/ # (\n  a', '\nend\n', 'a = s =~ /[(]/ # (\n  a'],
      [
        'a.php',
        '<?php\nfunction f($s) {\n  ',
        "$a = '('; # {\n  return $a;",
        '\n}\n',
        "$a = '('; # {\n  return $a;",
      ],
    ],
    'what does not parse': [
      ['a.ts', 'function f(id) {\n  const x = ', 'load(id;', '\n  return x;\n}\n', 'load'],
      ['a.ts', 'function f(id) {\n  ', 'lg.emit(id) and never console', '\n}\n', 'lg.emit(id)'],
      ['a.ts', 'function f(id) {\n  ', 'a();\n  b(id));', '\n}\n', 'a();\n  b(id)'],
      ['a.ts', 'function f(id) {\n  ', ')', '\n}\n', null],
      ['a.py', 'def f(x):\n    ', 'y = x +\n    return y', '\n', 'y = x'],
      ['a.ts', 'function f(id) {\n  if (', 'id) {', '\n', 'id) {'],
      ['a.ts', 'function f(id) {\n  ', 'go(id);', '\n  const const = 1;\n}\n', 'go(id);'],
      ['a.py', 'def f(x):\n    ', 'y = g(x)', '\n    return return y\n', 'y = g(x)'],
      ['a.txt', 'The ', 'cat (and', '\n', 'cat (and'],
    ],
  };
  for (const [kind, rows] of Object.entries(more)) {
    for (const [path, prefix, written, suffix, wanted] of rows)
      it(`${kind}: ${path} ${JSON.stringify(`${prefix}|${suffix}`)}`, async () => {
        assert.equal(await offered(path, prefix, written, suffix), wanted);
      });
  }

  it('is null or a beginning of what was written, whatever that is', async () => {
    const piece = fc.constantFrom(
      ...[
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '"',
        "'",
        '`',
        '$',
        '\n',
        '  ',
        '//',
        '/*',
        '*/',
        '#',
        '--',
        '"""',
        '\\',
        '/',
      ],
      ...[
        'const a',
        'return',
        'if',
        'x',
        ' = ',
        ';',
        ',',
        '1',
        '<p>',
        '</p>',
        '\ud83c',
        '\ufffd',
        'é',
        '\u{1f600}',
      ],
    );
    const code = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    const path = fc.constantFrom(
      'a.ts',
      'a.tsx',
      'a.py',
      'a.rs',
      'a.go',
      'a.java',
      'a.hs',
      'a.lisp',
      'a.rb',
      'noname',
    );
    await fc.assert(
      fc.asyncProperty(path, code, code, code, async (path, prefix, written, suffix) => {
        const at = await OfferedText.at({ path, languageId: '', prefix, suffix }, grammars);
        const { text, why } = at.offered(at.completionOf(written, true));
        assert.equal(text === null, why !== null);
        if (text === null) return;
        assert.ok(written.startsWith(text) && text.trim() !== '');
        assert.ok(!/\p{Surrogate}|\ufffd/u.test(text));
      }),
      { numRuns: 1000 },
    );
  });
});
