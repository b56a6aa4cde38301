import assert from 'node:assert/strict';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { random } from '../../../../server/base/random';
import { attempts } from '../../../../server/bench/learning/benchmark';
import { CONVENTIONS, drawNames } from '../../../../server/bench/learning/conventions';
import { simulateProject } from '../../../../server/bench/learning/developer';
import { findRules, RuleBook } from '../../../../server/learning/rules/rule-book';
import type { Correction } from '../../../../server/learning/rules/terms';
import { openModel } from '../../../../server/model/open';
import { roundOptions } from '../../../../server/training/round-options';
import { samplePlaces } from '../../../bench/learning/places';
import { ROOT } from '../../../root';

let last = 0;
const correction = (text: string, solution: string, more: Partial<Correction> = {}): Correction => ({
  id: ++last,
  languageId: 'javascript',
  prefix: '',
  text,
  solution,
  words: null,
  ...more,
});

/** `f` renamed in a correction, whole words only. */
function renamedBy(one: Correction, map: ReadonlyMap<string, string>): Correction {
  const replace = (text: string) => text.replace(/[A-Za-z_$][\w$]*/g, (word) => map.get(word) ?? word);
  return {
    ...one,
    prefix: replace(one.prefix),
    text: replace(one.text),
    solution: one.solution && replace(one.solution),
  };
}

const warnings = (names: string[]) =>
  names.map((name, i) =>
    correction(`console.warn(${name});`, `lg.emit(Level.Warn, 'load${i}', { ${name} });`, {
      prefix: `function load${i}(${name}) {\n  if (!${name}) {\n    `,
    }),
  );

describe('rules among corrections', function () {
  this.timeout(60_000);

  it('says what the six corrections of the sample project have in common', () => {
    const six = samplePlaces().slice(0, 6);
    assert.equal(six.length, 6);
    const offered = [
      'console.warn(id);',
      'return null;',
      'return null;',
      'console.warn(id);',
      'return null;',
      'return null;',
    ];
    const rules = findRules(six.map(({ prefix, right }, i) => correction(offered[i]!, right, { prefix })));
    assert.equal(rules.length, 1);
    assert.equal(rules[0]!.places.length, 6);
    assert.equal(rules[0]!.to, "lg.emit(Level.Warn, '$x', { $y })");
    assert.equal(rules[0]!.from, 'return null');
  });

  it('shows the change where the offers have a form, with the same names on both sides', () => {
    const [rule] = findRules(warnings(['order', 'user', 'file']));
    assert.equal(rule!.from, 'console.warn($y)');
    assert.equal(rule!.to, "lg.emit(Level.Warn, '$x', { $y })");
  });

  it('finds the five conventions of the benchmark in 40 corrections of what the model offers', async () => {
    const model = await openModel(path.join(ROOT, 'media/model'));
    const decoder = await model.decoder();
    try {
      for (const seed of [1, 2]) {
        const { training } = simulateProject(40, 1, seed);
        const offered = await attempts(
          model,
          decoder,
          null,
          training,
          roundOptions(60, 40, model.parameters),
        );
        const corrections = training.map((place, i) =>
          correction(offered[i]!.text, place.right, { id: 1000 + i, prefix: place.prefix }),
        );
        const rules = findRules(corrections);
        const conventions = rules.map(({ places }) => [
          ...new Set(places.map((id) => training[id - 1000]!.convention.name)),
        ]);
        for (const names of conventions) assert.equal(names.length, 1, 'unrelated corrections in one rule');
        assert.deepEqual(conventions.flat().sort(), ['arguments', 'failure', 'field', 'log', 'range']);
        assert.equal(
          rules.reduce((sum, { places }) => sum + places.length, 0),
          40,
        );
        const to = rules.map((rule) => rule.to).sort();
        assert.deepEqual(to, [
          'Span.of($x + 1, $y + 1)',
          'clampTo($x, $y, $z)',
          "lg.emit(Level.Warn, '$x', { $y })",
          'this.m_$x = $x',
          "throw fail(Code.NotFound, '$x', $y)",
        ]);
      }
    } finally {
      await decoder.close();
      await model.close();
    }
  });

  it('finds the same rules whatever the names are, and in whatever order they come', () => {
    for (let seed = 0; seed < 60; seed++) {
      const source = random(seed);
      const corrections = CONVENTIONS.flatMap((convention) =>
        Array.from({ length: 2 + source.below(4) }, () => {
          const form = convention.forms[source.below(convention.heldFrom)]!(drawNames(source));
          return correction('return null;', form.right, { prefix: form.prefix });
        }),
      );
      const before = findRules(corrections);
      const others = corrections.map((one) => {
        const own = [
          ...new Set(one.prefix.match(/(?<=[(,] ?)[a-z]\w*(?=[,)])|(?<=const |function )[a-z]\w*/g) ?? []),
        ];
        const other = (name: string) => `q${name}${own.indexOf(name)}x`;
        return renamedBy(
          one,
          new Map(
            own.flatMap((name) => [
              [name, other(name)],
              [`m_${name}`, `m_${other(name)}`],
            ]),
          ),
        );
      });
      const after = findRules(source.shuffle(others));
      const said = (rules: typeof before) =>
        rules.map(({ key, to, places }) => `${key} ${to} ${places.join()}`).sort();
      assert.deepEqual(said(after), said(before), `seed ${seed}`);
    }
  });

  it('keeps apart what is not the same', () => {
    const unrelated: [string, string][] = [
      ['return null;', 'return user.name;'],
      ['return 0;', 'return order.total;'],
      ['save(a);', 'store.write(a);'],
      ['save(b);', 'queue.push(b);'],
      ['x = 1;', 'x = 0;'],
      ['y = 2;', 'y = 0;'],
      ['console.log(a);', 'console.log(b);'],
      ['console.log(c);', 'console.log(d);'],
      ['items.map((i) => i)', 'items.filter((i) => i)'],
    ];
    assert.deepEqual(findRules(unrelated.map(([text, kept]) => correction(text, kept))), []);
    const python = correction('print(a)', 'lg.note(a)', { languageId: 'python' });
    const script = correction('print(a)', 'lg.note(a)');
    assert.deepEqual(findRules([python, script]), [], 'another language');
  });

  it('takes another order of the same words for a change', () => {
    const swapped = [
      correction('clampTo(a, b, c);', 'clampTo(c, b, a);'),
      correction('clampTo(low, top, width);', 'clampTo(width, top, low);'),
    ];
    const [rule] = findRules(swapped);
    assert.deepEqual([rule?.from, rule?.to], ['clampTo($z, $y, $x)', 'clampTo($x, $y, $z)']);
  });

  it('lets an argument be any expression', () => {
    const various: [string, string][] = [
      ['console.warn(user);', "lg.emit(Level.Warn, 'load', { user });"],
      ['console.warn(order.id);', "lg.emit(Level.Warn, 'save', { id: order.id });"],
      ["console.warn('no ' + file);", "lg.emit(Level.Warn, 'open', { file, at: now() });"],
      ['console.warn(page);', "lg.emit(Level.Warn, 'turn', { page });"],
    ];
    const rules = findRules(various.map(([text, kept]) => correction(text, kept)));
    assert.deepEqual(
      rules.map(({ from, to, places }) => [from, to, places.length]),
      [['console.warn($z)', "lg.emit(Level.Warn, '$x', $y)", 4]],
    );
    // Little else is the same: these are two.
    const two: [string, string][] = [
      ['range(a, b)', 'Span.of(a + 1, b + 1)'],
      ['range(c, d)', 'Span.of(c + 1, d + 1)'],
      ['[e, f]', 'Span.of(e, f)'],
      ['[g, h]', 'Span.of(g, h)'],
    ];
    const forms = findRules(two.map(([text, kept]) => correction(text, kept))).map(({ to }) => to);
    assert.deepEqual(forms.sort(), ['Span.of($x + 1, $y + 1)', 'Span.of($x, $y)']);
  });

  it('takes the sentence that the developer said, of one place too', () => {
    const words = 'never use console, use lg';
    const one = correction('console.log(a);', 'lg.note(a);', { words });
    assert.deepEqual(
      findRules([one]).map(({ sentence }) => sentence),
      [words],
    );
    assert.deepEqual(findRules([correction('console.log(a);', 'lg.note(a);')]), []);
  });

  it('works in other languages', () => {
    const languages: [string, string, string, string][] = [
      ['python', 'def f(row):\n    ', 'print(row)', 'log.warn("f", row=row)'],
      ['go', 'func f(row Row) error {\n\t', 'return err', 'return wrap.Fail(row, err)'],
      ['rust', 'fn f(row: Row) {\n    ', 'row.unwrap()', 'row.or_fail(Kind::Missing)?'],
    ];
    for (const [languageId, prefix, text, solution] of languages) {
      const first = correction(text, solution, { languageId, prefix });
      const second = renamedBy(
        { ...first, id: ++last },
        new Map([
          ['f', 'g'],
          ['row', 'entry'],
        ]),
      );
      assert.deepEqual(
        findRules([first, second]).map(({ places }) => places.length),
        [2],
        languageId,
      );
    }
  });

  it('follows what comes and goes', () => {
    const book = new RuleBook();
    const three = warnings(['order', 'user', 'file']);
    for (const one of three) book.add(one);
    const whole = book.rules();
    book.add(three[0]!);
    assert.deepEqual(book.rules(), whole, 'the same correction again');
    book.remove(three[0]!.id);
    assert.equal(book.rules()[0]!.places.length, 2);
    assert.equal(book.rules()[0]!.key, whole[0]!.key);
    book.remove(three[1]!.id);
    assert.deepEqual(book.rules(), []);
    book.add({ ...three[1]!, solution: null });
    assert.equal(book.size, 1);
  });

  it('never takes long, for odd texts and for many', () => {
    const slow = (work: () => void) => {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3; i++) {
        const before = performance.now();
        work();
        best = Math.min(best, performance.now() - before);
      }
      return best;
    };
    const book = new RuleBook();
    const odd = ['(', "'", '`${', 'a.', '/*', 'function a(', 'x '].map((text) =>
      correction('', text.repeat(5_000), { prefix: text.repeat(2_000) }),
    );
    for (const one of odd) assert.ok(slow(() => book.add(one)) < 50, one.solution!.slice(0, 10));
    for (let i = 0; i < 4_000; i++)
      book.add(
        correction(`console.warn(a${i});`, `lg${i % 900}.emit(Level.Warn${i % 700}, 'f${i}', { a${i} });`),
      );
    assert.ok(slow(() => book.rules()) < 50);
    // One word alike in all of them, and all the rest another.
    book.clear();
    for (let i = 0; i < 4_000; i++) book.add(correction('', `lg.emit${i}(a${i}.b${i}, c${i}.d${i});`));
    const next = correction('', 'lg.emit1(a.b, c.d);');
    const took = slow(() => {
      book.add(next);
      book.rules();
    });
    assert.ok(took < 50, `${took} ms`);
  });
});
