import assert from 'node:assert/strict';
import { lessonWords, mainRule, roundWords } from '../../../server/protocol/round-words';
import type { RuleView } from '../../../server/protocol/rules';
import type { RoundSummary } from '../../../server/protocol/types';

const round = (change: Partial<RoundSummary>): RoundSummary => ({
  id: 1,
  startedAt: 0,
  endedAt: 1,
  state: 'promoted',
  message: 'In use: held-out corrections gain 0.20 nats a token or more.',
  events: 6,
  steps: [],
  logProbBefore: null,
  logProbAfter: null,
  distillationShare: null,
  decisions: [],
  adapter: 1,
  seconds: 40,
  ...change,
});
const failed = (name: string) => [{ name, passed: false, value: null, threshold: null, note: '' }];
const rule = (change: Partial<RuleView>): RuleView => ({
  key: 'k',
  language: 'javascript',
  from: 'console.warn($x)',
  to: "lg.emit(Level.Warn, 'NAME', { $x });",
  sentence: null,
  state: 'on',
  scope: 'project',
  count: 2,
  places: [],
  ...change,
});

describe('a round in plain words', () => {
  it('says what was learned, by what most corrections say', () => {
    assert.equal(
      roundWords(round({}), rule({})),
      "Learned from 6 corrections: `console.warn($x)` → `lg.emit(Level.Warn, 'NAME', { $x });`.",
    );
    assert.equal(roundWords(round({ events: 1 })), 'Learned from one correction.');
    assert.match(roundWords(round({ state: 'kept-insufficient-evidence' })), /^Learned from 6 .*Roll Back/);
  });

  it('says why nothing was changed, and what would help', () => {
    const sentences = ['replay', 'length', 'leak', 'held-out', 'another'].map((name) =>
      roundWords(round({ state: 'rejected', decisions: failed(name) })),
    );
    for (const sentence of sentences) assert.match(sentence, /^Nothing was changed: .*(?:help|details)/);
    assert.equal(new Set(sentences).size, sentences.length);
  });

  it('uses no word of the field, whatever happened', () => {
    const states: RoundSummary['state'][] = [
      'running',
      'promoted',
      'kept-insufficient-evidence',
      'rejected',
      'cancelled',
      'rolled-back',
    ];
    for (const state of states)
      for (const name of ['replay', 'length', 'leak', 'held-out'])
        assert.doesNotMatch(
          roundWords(round({ state, decisions: failed(name) }), rule({})),
          /nats|gate|anchor|adapter|KL|log-prob|held-out|replay|evidence|token/i,
        );
  });

  it('keeps forms short and on one line', () => {
    const long = rule({ from: null, to: `send(${'a, '.repeat(40)}b)\nnext()` });
    assert.equal(lessonWords(long), '`send(…)`');
    assert.ok(lessonWords(rule({ to: 'x'.repeat(300) })).length < 80);
  });

  it('tells of the rule that most corrections say, and of none that is off', () => {
    const all = [
      rule({ key: 'a', count: 9, state: 'off' }),
      rule({ key: 'b', count: 3 }),
      rule({ key: 'c', count: 1 }),
    ];
    assert.equal(mainRule(all)?.key, 'b');
    assert.equal(mainRule([rule({ count: 1 })]), null);
  });
});
