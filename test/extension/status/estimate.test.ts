import assert from 'node:assert/strict';
import { roundEstimate } from '../../../extension/status/estimate';
import type { RoundSummary } from '../../../server/protocol/types';

const step = { step: 1, loss: 1, distillation: 0, crossEntropy: 1, anchor: 0, gradNorm: 1 };
const round = (
  seconds: number | null,
  state: RoundSummary['state'] = 'promoted',
  steps = [step],
): RoundSummary => ({
  id: 1,
  startedAt: 0,
  endedAt: 1,
  state,
  message: '',
  events: 4,
  steps,
  logProbBefore: null,
  logProbAfter: null,
  distillationShare: null,
  decisions: [],
  adapter: null,
  seconds,
});

describe('the estimate of a round', () => {
  it('is the usual time of the last three', () => {
    assert.equal(roundEstimate([round(118), round(35), round(125), round(900)]), 'about 2 min');
    assert.equal(roundEstimate([round(33)]), 'about 35 s');
  });

  it('leaves out rounds that were broken off, failed, or imported', () => {
    const others = [round(3, 'cancelled'), round(2, 'failed'), round(57, 'promoted', [])];
    assert.equal(roundEstimate([...others, round(60)]), 'about 60 s');
    assert.equal(roundEstimate(others), null);
  });
});
