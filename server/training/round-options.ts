/** Settings of a round, by the size of the model. */
import type { RoundOptions } from './types';

/** What goes by the size. */
type BySize = Pick<
  RoundOptions,
  | 'positions'
  | 'layers'
  | 'rateScale'
  | 'replayTokens'
  | 'replayRows'
  | 'forms'
  | 'snapshotRows'
  | 'snapshotTokens'
> & {
  /** Steps of a round by its known texts: three for each, within these. Without one, more steps gained nothing. */
  steps: { least: number; most: number; withoutText: number };
};

/** Models of fewer parameters than `below`; the measurements are in docs/measurements. */
const SIZES: readonly (BySize & { below: number })[] = [
  {
    // The embedded model, 3 M: steps are cheap, and a few known texts need as many as many do (60 were too few for four).
    below: 20e6,
    positions: 'all',
    layers: 1,
    rateScale: 1,
    replayTokens: 128,
    replayRows: 160,
    forms: null,
    snapshotRows: 6,
    snapshotTokens: 32,
    steps: { least: 100, most: 120, withoutText: 60 },
  },
  {
    // SmolLM2, 135 M: in 90 seconds 50 steps, where whole rows through all layers make one, and six corrections are learned at
    // half of the other places instead of none. 12 forms and all layers learned no more in the time.
    below: Number.POSITIVE_INFINITY,
    positions: 'response',
    layers: 0.5,
    rateScale: 1,
    replayTokens: 96,
    replayRows: 48,
    forms: 4,
    snapshotRows: 4,
    snapshotTokens: 24,
    steps: { least: 60, most: 60, withoutText: 40 },
  },
];

const STEPS_PER_TEXT = 3;

/**
 * Settings of a round.
 * @param texts new corrections of the round whose text is known; the teacher's answers gain nothing from more steps
 * @param parameters of the model; the embedded model's without it
 */
export function roundOptions(maxSeconds: number, texts = 0, parameters = 0): RoundOptions {
  const { below: _below, steps, ...bySize } = SIZES.find(({ below }) => parameters < below)!;
  return {
    ...bySize,
    rank: 16,
    alpha: 32,
    maxSteps:
      texts === 0
        ? steps.withoutText
        : Math.min(steps.most, Math.max(steps.least, Math.round(STEPS_PER_TEXT * texts))),
    maxSeconds,
    warmupSteps: 5,
    eventsPerStep: 8,
    replayPerStep: 4,
    replayResponse: 32,
    promptTokens: 160,
    contextTokens: 96,
    feedbackTokens: 160,
    responseTokens: 64,
    samplesPerEvent: 2,
    answerSamples: 8,
    answersKept: 2,
    refreshSteps: 10,
    temperature: 0.8,
    topK: 20,
    renameShare: null,
    weightDecay: 0.01,
    maxGradNorm: 1,
    seed: 1,
  };
}
