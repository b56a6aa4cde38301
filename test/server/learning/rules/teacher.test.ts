import assert from 'node:assert/strict';
import { findRules } from '../../../../server/learning/rules/rule-book';
import { ruleItems } from '../../../../server/learning/rules/teacher';
import { event } from '../events';

describe("a teacher's context from a rule", () => {
  const of = (name: string, words: string | null = null) =>
    event({
      languageId: 'javascript',
      prefix: `function f(${name}) {\n  `,
      suffix: '\n}\n',
      text: `console.warn(${name});`,
      solution: `lg.note(${name});`,
      words,
    });

  it('is the rule and two of the others, never the own text', () => {
    const events = [of('order'), of('user'), of('file'), of('page')];
    const [rule] = findRules(events);
    for (const one of events) {
      const items = ruleItems(one, rule!, events)!;
      assert.deepEqual(
        items.map(({ kind }) => kind),
        ['words', 'kept', 'kept'],
      );
      assert.equal(items[0]!.text, 'write lg.note($x)');
      assert.ok(!items.some(({ text }) => text.includes(one.solution!)));
    }
  });

  it('says the sentence of the developer', () => {
    const events = [of('order'), of('user', 'use lg')];
    assert.equal(ruleItems(events[0]!, findRules(events)[0]!, events)![0]!.text, 'use lg');
  });

  it('is none where every other place has the same text', () => {
    const events = [of('order'), of('order')];
    assert.equal(ruleItems(events[0]!, findRules(events)[0]!, events), null);
  });
});
