import assert from 'node:assert/strict';
import { timePatterns } from '../../scripts/patterns';
import { attacksOn } from '../../scripts/patterns/attacks';
import { patternsIn } from '../../scripts/patterns/collect';

const BOUND = 50;

describe('the check of patterns', function () {
  this.timeout(60_000);

  /** Patterns that once held this product up, or are known to hold others up. */
  const SLOW: Record<string, RegExp> = {
    'comments before an element': /^\s*(?:<!--[\s\S]*?-->\s*)*<testsuite/,
    'a repetition of a repetition': /^(a+)+$/,
    'two alternatives for one letter': /^(?:\w|a)*!/,
    'blanks at the end': /\s+$/,
    'what is behind a name': /[\w.]+@/,
    'anything between two words': /from.*import.*as.*;/,
    'many beginnings': /<a ([^>]+)>;/,
  };
  for (const [name, { source, flags }] of Object.entries(SLOW)) {
    it(`finds ${name}`, async () => {
      const [timed] = await timePatterns([{ where: name, source, flags }]);
      assert.ok(timed!.ms > BOUND, `${timed!.ms} ms`);
    });
  }

  it('lets pass what is linear', async () => {
    const fine = [/^\w+$/, /(?<!\s)\s+$/, /\b[A-Z]{2,40}-\d{1,9}\b/g, /[\p{L}\p{N}]+/gu, /^a|b$/m];
    const timed = await timePatterns(fine.map(({ source, flags }) => ({ where: '', source, flags })));
    assert.equal(timed.length, fine.length);
    for (const { source, ms } of timed) assert.ok(ms < BOUND, `${source}: ${ms} ms`);
  });

  it('finds literals and places that build patterns, and no others', () => {
    const text =
      "const a = /x+/g;\nconst b: RegExp = new RegExp(`y`);\nconst c = 'z'.split(/[/]/u);\nRegExp('q');\n";
    const { literals, places } = patternsIn(text, 'a.ts');
    assert.deepEqual(
      literals.map(({ where, source, flags }) => [where, source, flags]),
      [
        ['a.ts:1', 'x+', 'g'],
        ['a.ts:3', '[/]', 'u'],
      ],
    );
    assert.equal(places, 2);
  });

  it('makes texts of a pattern’s own parts', () => {
    const texts = attacksOn('^key: (?:[a-z]+ )*end', '', 200);
    assert.ok(texts.some((text) => text.startsWith('key: a ') || text.startsWith('key: aa')));
    assert.ok(texts.every((text) => text.length < 300));
  });
});
