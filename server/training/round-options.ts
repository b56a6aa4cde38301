/** Settings of a round. */
import type { RoundOptions } from './types';

/** Rounds without a known text: more steps gained nothing. */
const STEPS_WITHOUT_TEXT = 60;
/** A few known texts need as many steps as many do (60 were too few for four); beyond 120 nothing was gained. */
const LEAST_STEPS = 100;
const MOST_STEPS = 120;
const STEPS_PER_TEXT = 3;

/**
 * Settings of a round for the embedded model's size (method, "Defaults").
 * @param texts new corrections of the round whose text is known; the teacher's answers gain nothing from more steps
 */
export function roundOptions(maxSeconds: number, texts = 0): RoundOptions {
  return {
    rank: 16,
    alpha: 32,
    positions: 'all',
    maxSteps: stepsFor(texts),
    maxSeconds,
    warmupSteps: 5,
    eventsPerStep: 8,
    replayPerStep: 4,
    replayTokens: 128,
    promptTokens: 160,
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

function stepsFor(texts: number): number {
  if (texts === 0) return STEPS_WITHOUT_TEXT;
  return Math.min(MOST_STEPS, Math.max(LEAST_STEPS, STEPS_PER_TEXT * texts));
}
