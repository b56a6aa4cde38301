/** Rules that need no model: what is never offered, whatever writes it. */
import assert from 'node:assert/strict';
import { runFilters } from '../../../server/completion/filters/index';

type Case = [
  path: string,
  prefix: string,
  text: string,
  suffix: string,
  wanted: string | null,
  nearby?: string,
];

const kinds: Record<string, Case[]> = {
  'an opening bracket alone': [
    ['a.ts', 'const load = ', '{', '\n', null],
    ['a.ts', 'foo', '(', '\n', null],
    ['a.ts', 'foo', '({', '\n', null],
    ['a.py', 'x = ', '[', '\n', null],
    ['a.ts', 'if (a) ', '{\n', '\n', null],
    ['a.ts', 'foo(', '[]', ')\n', '[]'],
    ['a.ts', 'if (a) ', '{\n  b();\n}', '\n', '{\n  b();\n}'],
  ],
  'a keyword and nothing else': [
    ['a.ts', 'function f() {\n  ', 'const', '\n}\n', null],
    ['a.ts', 'function f() {\n  ', 'for', '\n}\n', null],
    ['a.ts', '', 'export async', '\n', null],
    ['a.py', 'def f():\n    ', 'yield', '\n', null],
    ['a.rs', '', 'pub fn', '\n', null],
    ['a.py', 'def f():\n    ', 'pass', '\n', 'pass'],
    ['a.ts', 'for (;;) {\n  ', 'break;', '\n}\n', 'break;'],
    ['a.ts', 'function f() {\n  ', 'return', '\n}\n', 'return'],
    ['a.ts', 'function f() {\n  con', 'st', '\n}\n', null],
  ],
  'a name that stands nowhere near': [
    ['a.ts', 'const user = 1;\nlog(us', 'er);', '\n', 'er);'],
    ['a.ts', 'const user = 1;\nlog(us', 'ario);', '\n', null],
    ['a.ts', 'function f() {\n  retu', 'rn 1;', '\n}\n', 'rn 1;'],
    ['a.py', 'import js', 'on', '\n', 'on'],
    ['a.ts', 'log(acc', 'ount);', '\n', 'ount);', 'interface account {}'],
    ['a.ts', 'log(acc', 'ount);', '\nconst account = 1;\n', 'ount);'],
    ['a.ts', 'log(acc', 'ount);', '\nconst accounts = 1;\n', null],
    ['a.ts', 'const x = 1', '00;', '\n', '00;'],
    ['a.ts', 'const größe = 1;\nlog(grö', 'ße);', '\n', 'ße);'],
  ],
  'the middle of a line that goes on': [
    ['a.ts', 'foo(', 'a, ', 'bar(b));\n', null],
    ['a.ts', 'const a = ', 'load();', ' b + c;\n', null],
    ['a.py', 'x = ', 'f(y)', 'g(z)\n', null],
    ['a.ts', 'foo(', 'a', ');\n', 'a'],
    ['a.ts', 'foo(', 'a', '); // why\n', 'a'],
    ['a.ts', 'foo();', ' bar();', ' // why\n', ' bar();'],
    ['a.py', 'x = ', 'f(y)', '  # why\n', 'f(y)'],
  ],
  'another language': [
    ['a.py', 'def f(x):\n    ', 'const y = 1;', '\n', null],
    ['a.py', 'def f(x):\n    ', 'if (x) {\n        return 1\n    }', '\n', null],
    ['a.py', 'def f(x):\n    ', '// adds', '\n', null],
    ['a.py', 'def f(x):\n    ', 'console.log(x)', '\n', null],
    ['a.py', 'def f(x):\n    ', 'y = 1\n    let z = 2', '\n', 'y = 1'],
    ['a.py', 'def f(x):\n    ', 'return x // 2', '\n', 'return x // 2'],
    ['a.py', 'def f(x):\n    ', "print('a; b')", '\n', "print('a; b')"],
    ['a.js', 'function f(x) {\n  ', 'def g(x):', '\n}\n', null],
    ['a.ts', 'function f(x) {\n  ', 'if x is None:', '\n}\n', null],
    ['a.ts', 'class A {\n  f() {\n    ', 'self.x = 1', '\n  }\n}\n', null],
    ['a.ts', 'class A {\n  ', '#secret = 1;', '\n}\n', '#secret = 1;'],
    ['a.ts', 'switch (a) {\n  ', 'case 1:', '\n}\n', 'case 1:'],
    ['a.go', 'func f() {\n\t', 'x := 1', '\n}\n', 'x := 1'],
  ],
};

describe('rules that need no model', () => {
  for (const [kind, cases] of Object.entries(kinds))
    for (const [path, prefix, text, suffix, wanted, nearby] of cases)
      it(`${kind}: ${path} ${JSON.stringify(`${prefix}|${suffix}`)} + ${JSON.stringify(text)}`, () => {
        const { text: left, why } = runFilters(text, {
          path,
          prefix,
          suffix,
          languageId: '',
          ...(nearby ? { nearby: [nearby] } : {}),
        });
        assert.equal(left, wanted, why ?? undefined);
      });
});
