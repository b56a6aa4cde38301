import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editDistance } from '../../../../server/capture/edit-distance';
import { lineBreaksIn, makeSpan } from '../../../../server/capture/tracking/spans';
import { TrackedDocument } from '../../../../server/capture/tracking/tracked-document';

/** A document in which every character is its own: so it is known where each one came from, whatever is done to it. */
class Model {
  private next = 0x4e00;
  readonly own = new Set<string>();
  text = '';

  fresh(length: number, lineEvery = 0): string {
    let out = '';
    for (let i = 0; i < length; i++) {
      out += lineEvery > 0 && i % lineEvery === lineEvery - 1 ? '\n' : String.fromCharCode(this.next++);
    }
    return out;
  }
}

function position(text: string, offset: number) {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: lines[lines.length - 1]!.length };
}

function open(text: string, start: number, end: number) {
  const document = new TrackedDocument('file:///a', 'plaintext', 1, text);
  const span = makeSpan(start, end, lineBreaksIn(text.slice(start, end)));
  document.track(span);
  const edit = (from: number, to: number, insert: string) => {
    const now = document.text;
    document.change(
      [{ range: { start: position(now, from), end: position(now, to) }, text: insert }],
      document.version + 1,
      0,
    );
  };
  return { document, span, edit, text: () => document.textOf(span) };
}

describe('spans', () => {
  it('hold what is left of their own characters and nobody else’s, whatever is edited', () => {
    const edits = fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        remove: fc.oneof(fc.constant(0), fc.nat(12), fc.nat(60)),
        insert: fc.oneof(fc.constant(0), fc.constant(1), fc.nat(8)),
        whole: fc.boolean(),
      }),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.integer({ min: 1, max: 30 }),
        fc.nat(40),
        edits,
        (before, length, after, list) => {
          const model = new Model();
          const head = model.fresh(before, 9);
          const own = model.fresh(length, 7);
          const tail = model.fresh(after, 9);
          const outside = new Set([...head, ...tail].filter((c) => c !== '\n'));
          const inside = new Set([...own].filter((c) => c !== '\n'));
          const { document, span, edit, text } = open(head + own + tail, before, before + length);
          for (const { at, remove, insert, whole } of list) {
            const from = Math.floor(at * document.text.length);
            const to = Math.min(document.text.length, from + remove);
            const fresh = model.fresh(insert, 5);
            if (whole && list.length < 8) {
              // A formatter or another program hands over the whole document anew.
              const now = document.text;
              document.change(
                [{ text: now.slice(0, from) + fresh + now.slice(to) }],
                document.version + 1,
                0,
              );
            } else {
              edit(from, to, fresh);
            }
            assert.ok(span.start >= 0 && span.start <= span.end && span.end <= document.text.length);
          }
          const held = [...text()];
          assert.ok(!held.some((c) => outside.has(c)), 'a stranger got in');
          const left = [...document.text].filter((c) => inside.has(c));
          assert.deepEqual(
            held.filter((c) => inside.has(c)),
            left,
            'one of its own was left out',
          );
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('tells just those changes that changed the text', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(20), fc.nat(6), (from, remove, insert) => {
        const model = new Model();
        const { document, span } = open(model.fresh(60), 20, 40);
        const before = document.textOf(span);
        const to = Math.min(60, from + remove);
        const changed = document.change(
          [
            {
              range: { start: position(document.text, from), end: position(document.text, to) },
              text: model.fresh(insert),
            },
          ],
          2,
          0,
        );
        assert.equal(changed.spans.has(span), document.textOf(span) !== before);
      }),
    );
  });

  const CODE = 'function f() {\n    return sum(a, b);\n}\n';
  const AT = CODE.indexOf('sum');
  const cases: [string, (t: ReturnType<typeof open>) => void, string][] = [
    ['typing before it', (t) => t.edit(AT - 1, AT - 1, ' -'), 'sum(a, b);'],
    [
      'typing at its very beginning',
      (t) => [t.edit(AT, AT, 'a'), t.edit(AT + 1, AT + 1, 'wait ')],
      'await sum(a, b);',
    ],
    ['a line put above it', (t) => t.edit(AT, AT, '// why\n'), 'sum(a, b);'],
    ['typing behind it', (t) => t.edit(AT + 10, AT + 10, ' // x'), 'sum(a, b);'],
    ['an edit inside', (t) => t.edit(AT + 4, AT + 5, 'first'), 'sum(first, b);'],
    [
      'its tail retyped',
      (t) => [t.edit(AT + 3, AT + 10, ''), t.edit(AT + 3, AT + 3, '(b'), t.edit(AT + 5, AT + 5, ');\n}')],
      'sum(b);',
    ],
    [
      'its head retyped',
      (t) => [t.edit(AT, AT + 3, ''), t.edit(AT, AT, 'a'), t.edit(AT + 1, AT + 1, 'dd')],
      'add(a, b);',
    ],
    [
      'all of it retyped',
      (t) => [t.edit(AT, AT + 10, ''), t.edit(AT, AT, 'a'), t.edit(AT + 1, AT + 1, ' + b;')],
      'a + b;',
    ],
    ['all of it replaced', (t) => t.edit(AT, AT + 10, 'total(x)'), 'total(x)'],
    ['its line deleted', (t) => t.edit(15, 37, ''), ''],
    [
      'its line indented anew',
      (t) => t.document.change([{ text: CODE.replace('    ', '\t') }], 2, 0),
      'sum(a, b);',
    ],
    [
      'formatting inside',
      (t) => t.document.change([{ text: CODE.replace('a, b', 'a,\n        b,\n    ') }], 2, 0),
      'sum(a,\n        b,\n    );',
    ],
    [
      'a line put above by a formatter',
      (t) => t.document.change([{ text: `// head\n${CODE}` }], 2, 0),
      'sum(a, b);',
    ],
    [
      'wrapping in a call',
      (t) => [t.edit(AT, AT, 'String('), t.edit(AT + 16, AT + 16, ')')],
      'String(sum(a, b));',
    ],
    [
      'its line cut and pasted below',
      (t) => [t.edit(15, 37, ''), t.edit(17, 17, '\nconst x = 1;\n  return sum(a, b);\n')],
      'sum(a, b);',
    ],
  ];
  for (const [name, act, want] of cases) {
    it(`follow ${name}`, () => {
      const t = open(CODE, AT, AT + 10);
      act(t);
      assert.equal(t.text(), want);
    });
  }

  it('follow a drag to another place in one message', () => {
    const t = open(CODE, AT, AT + 10);
    const range = (from: number, to: number) => ({ start: position(CODE, from), end: position(CODE, to) });
    // Later places first, as editors order them.
    t.document.change(
      [
        { range: range(CODE.length, CODE.length), text: 'sum(a, b);' },
        { range: range(AT, AT + 10), text: '' },
      ],
      2,
      0,
    );
    assert.equal(t.text(), 'sum(a, b);');
    assert.ok(t.span.start > AT);
  });

  it('take in the rest of a name, and not what is typed on', () => {
    const t = open('x = user.na\n', 4, 11);
    t.edit(11, 11, 'm');
    t.edit(12, 12, 'e.trim()');
    assert.equal(t.text(), 'user.name');
  });

  it('count in UTF-16 units', () => {
    const text = 'const s = "😀";\nreturn "é😀" + x;\n';
    const start = text.indexOf('"é');
    const { document, span } = open(text, start, start + 5);
    document.change(
      [{ range: { start: { line: 0, character: 11 }, end: { line: 0, character: 13 } }, text: 'ab😀' }],
      2,
      0,
    );
    assert.equal(document.textOf(span), '"é😀"');
  });

  it('are followed through a large document at little cost', () => {
    const line = 'const value = compute(input, 42); // some code\n';
    const text = line.repeat(20_000);
    const { document, span, edit } = open(text, 470_000, 470_040);
    const start = performance.now();
    for (let i = 0; i < 100; i++) {
      edit(1_000 + i, 1_000 + i, 'x');
    }
    assert.ok((performance.now() - start) / 100 < 20, `${(performance.now() - start) / 100} ms a keystroke`);
    const formatted = performance.now();
    const before = document.textOf(span);
    document.change(
      [{ text: document.text.replaceAll('  ', ' ').replaceAll('42', '43').replaceAll('43', '42') }],
      500,
      0,
    );
    assert.ok(performance.now() - formatted < 500, `${performance.now() - formatted} ms`);
    assert.equal(document.textOf(span), before);
  });
});

describe('edit distance', () => {
  it('is what the definition says', () => {
    const naive = (a: string, b: string): number => {
      if (a === '' || b === '') {
        return a.length + b.length;
      }
      return a[0] === b[0]
        ? naive(a.slice(1), b.slice(1))
        : 1 + Math.min(naive(a.slice(1), b), naive(a, b.slice(1)), naive(a.slice(1), b.slice(1)));
    };
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 6 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        const longer = Math.max(a.length, b.length);
        assert.equal(editDistance(a, b), longer === 0 ? 0 : naive(a, b) / longer);
      }),
    );
  });

  it('stays quick on long texts', () => {
    const a = 'line of code\n'.repeat(5_000);
    const start = performance.now();
    assert.ok(editDistance(a, a.replace('code', 'edoc')) < 0.001);
    assert.equal(editDistance(a, 'x'.repeat(60_000)), 1);
    assert.ok(performance.now() - start < 200);
  });
});
