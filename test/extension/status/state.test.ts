import assert from 'node:assert/strict';
import { inWords, type Situation, stateOf } from '../../../extension/status/state';
import type { ServerStatus } from '../../../server/protocol/types';

const NOW = 1_000_000;
const status: ServerStatus = {
  activity: 'idle',
  message: '',
  model: 'embedded',
  device: 'cpu',
  adapter: null,
  readyEvents: 0,
  completions: 0,
  learningPaused: false,
  trusted: true,
};
const calm: Situation = {
  status,
  failure: undefined,
  enabled: true,
  snoozedUntil: null,
  quietHere: null,
  learningSince: null,
  now: NOW,
};
const named = (change: Partial<Situation>) => stateOf({ ...calm, ...change });

describe('the state in the status bar', () => {
  it('has a name and an icon of its own for each thing there is to say', () => {
    const states = [
      named({}),
      named({ failure: 'The server did not start.' }),
      named({ status: undefined }),
      named({ enabled: false }),
      named({ snoozedUntil: NOW + 60_000 }),
      named({ quietHere: 'Quiet here: git ignores it.' }),
      named({ status: { ...status, learningPaused: true } }),
      named({ status: { ...status, activity: 'completing' } }),
      named({ status: { ...status, activity: 'training', progress: 0.5 } }),
    ];
    assert.equal(new Set(states.map(({ name }) => name)).size, states.length);
    const icons = states.map(({ text }) => /\$\([\w-]+(~spin)?\)/.exec(text)![0]);
    // Off and quiet are both a closed circle: the one has the word beside it.
    assert.equal(new Set(icons).size, states.length - 1);
    for (const { sentence } of states) assert.match(sentence, /\.$/);
  });

  it('says off and why before what goes on, and what is broken before that', () => {
    const training: ServerStatus = { ...status, activity: 'error', message: 'The disk is full.' };
    assert.equal(named({ enabled: false, status: training }).sentence, 'The disk is full.');
    const busy: ServerStatus = { ...status, activity: 'completing' };
    assert.equal(named({ enabled: false, status: busy }).name, 'off');
    assert.equal(named({ quietHere: 'Off for markdown.', status: busy }).sentence, 'Off for markdown.');
  });

  it('tells how long learning will take once there is something to reckon from', () => {
    const at = (progress: number) =>
      named({
        status: { ...status, activity: 'training', progress, message: 'Step 20.' },
        learningSince: NOW - 30_000,
      }).sentence;
    assert.doesNotMatch(at(0.02), /left/);
    assert.match(at(0.5), /50 % done, about 30 s left/);
  });

  it('gives the number a word', () => {
    assert.match(named({ status: { ...status, readyEvents: 6 } }).text, /6 corrections to learn/);
    assert.match(named({ status: { ...status, readyEvents: 1 } }).sentence, /1 correction to learn/);
  });

  it('forgets a snooze that is over', () => {
    assert.equal(named({ snoozedUntil: NOW - 1 }).name, 'ready');
    assert.match(named({ snoozedUntil: NOW + 61_000 }).sentence, /2 more min/);
  });

  it('says times as one would', () => {
    assert.deepEqual([1_000, 42_000, 89_000, 240_000].map(inWords), ['5 s', '40 s', '90 s', '4 min']);
  });
});
