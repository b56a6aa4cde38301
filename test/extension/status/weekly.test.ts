import assert from 'node:assert/strict';
import { WEEK_MS, weeklyLine } from '../../../extension/status/weekly';
import type { RoundSummary } from '../../../server/protocol/types';

const now = 100 * WEEK_MS;
const day = WEEK_MS / 7;
const round = (daysAgo: number, events: number, state: RoundSummary['state'] = 'promoted') =>
  ({ state, events, endedAt: now - daysAgo * day }) as RoundSummary;
const point = (daysAgo: number, shown: number, accepted: number) => ({
  at: now - daysAgo * day,
  shown,
  accepted,
  keptRate: null,
});

describe('the weekly line', () => {
  it('says what was learned and what was taken, beside the week before', () => {
    const weeks = [point(13, 40, 8), point(9, 60, 12), point(3, 50, 20), point(1, 50, 10)];
    assert.equal(
      weeklyLine([round(1, 6), round(5, 3), round(9, 50), round(2, 7, 'rejected')], [], weeks, now),
      'This week: learned from 9 corrections. You took 30 % of what was offered; the week before, 20 %.',
    );
  });

  it('says nothing of shares that rest on little, and nothing at all where nothing was learned', () => {
    assert.equal(
      weeklyLine([round(1, 1)], [], [point(1, 5, 5)], now),
      'This week: learned from one correction.',
    );
    assert.equal(weeklyLine([round(9, 4), round(1, 4, 'rejected')], [], [point(1, 500, 5)], now), null);
  });
});
