import assert from 'node:assert/strict';
import fc from 'fast-check';
import { random } from '../../../server/base/random';
import { CONVENTIONS, drawNames } from '../../../server/bench/learning/conventions';
import { ParseCheck } from '../../../server/syntax/parse-check';

const check = new ParseCheck();
const at = (path: string, prefix: string, suffix: string) => ({ path, languageId: '', prefix, suffix });
const method = at('src/a.ts', 'class A {\n  save(id: string) {\n    const x = ', '\n    return x;\n  }\n}\n');

describe('the gate "the kept text parses"', () => {
  const cases: [string, ReturnType<typeof at>, string, 'parses' | 'breaks' | 'not checked'][] = [
    ['a call', method, 'load(id);', 'parses'],
    ['a call without its closing bracket', method, 'load(id;', 'breaks'],
    ['a call that goes on to the end', method, 'load(id', 'breaks'],
    ['a bracket too many', method, 'load(id));', 'breaks'],
    ['words', method, 'lg.emit(id) and never console', 'breaks'],
    ['no semicolon', method, 'load(id)', 'parses'],
    [
      'an opened block that the suffix closes',
      at('a.js', 'if (a) {\n  ', '\n    b();\n  }\n}\n'),
      'if (c) {',
      'parses',
    ],
    [
      'a window cut at both ends',
      at('a.ts', '    b();\n  }\n  c() {\n    if (d) {\n      ', '\n    }\n'),
      'e(1);',
      'parses',
    ],
    [
      'the same, broken',
      at('a.ts', '    b();\n  }\n  c() {\n    if (d) {\n      ', '\n    }\n'),
      'e(1;',
      'breaks',
    ],
    ['an open bracket at the very end', at('a.js', 'const x = ', '\n'), 'load(', 'breaks'],
    ['TSX', at('a.tsx', 'const a = () => (\n  ', '\n);\n'), '<b key={1}>{c}</b>', 'parses'],
    ['TSX, broken', at('a.tsx', 'const a = () => (\n  ', '\n);\n'), '<b key={1}>{c}</i', 'breaks'],
    [
      'Python',
      at('a.py', 'def f(x):\n    if x:\n        ', '\n    return x\n'),
      'raise Missing(x)',
      'parses',
    ],
    [
      'Python, broken',
      at('a.py', 'def f(x):\n    if x:\n        ', '\n    return x\n'),
      'raise Missing(x',
      'breaks',
    ],
    ['Go', at('a.go', 'package a\n\nfunc f() int {\n\t', '\n}\n'), 'return g(1)', 'parses'],
    ['Rust, broken', at('a.rs', 'fn f() -> u8 {\n    ', '\n}\n'), 'g(1', 'breaks'],
    ['Java', at('A.java', 'class A {\n  int f() {\n    ', '\n  }\n}\n'), 'return g(1);', 'parses'],
    ['a language without a grammar', at('a.lua', 'x = ', '\n'), '((((', 'not checked'],
  ];
  for (const [name, place, text, verdict] of cases) {
    it(`${verdict === 'breaks' ? 'refuses' : 'passes'} ${name}`, async () => {
      assert.equal(await check.verdict(place, text), verdict);
    });
  }

  it('is by the language where the file has no ending', async () => {
    const place = { path: 'untitled:1', languageId: 'python', prefix: 'x = ', suffix: '\n' };
    assert.equal(await check.verdict(place, 'f(1'), 'breaks');
    assert.equal(await check.verdict({ ...place, languageId: 'fortran' }, 'f(1'), 'not checked');
  });

  it('passes every right text of the benchmark, and no such text with its last bracket gone', async () => {
    const source = random(3);
    for (const { forms } of CONVENTIONS) {
      for (const form of forms) {
        const { prefix, suffix, right } = form(drawNames(source));
        const place = at('src/a.js', prefix, suffix);
        assert.equal(await check.verdict(place, right), 'parses', prefix + right);
        const broken = right.replace(/\)(?=[^)]*$)/, '');
        if (broken !== right) assert.equal(await check.verdict(place, broken), 'breaks', prefix + broken);
      }
    }
  });

  it('reads anything without an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), async (prefix, text, suffix) => {
        assert.ok((await check.verdict(at('a.ts', prefix, suffix), text)) !== 'not checked');
      }),
      { numRuns: 200 },
    );
  });
});
