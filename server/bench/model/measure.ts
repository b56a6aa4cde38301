/** How fast a model runs on this machine: prompt, decoding, and one training step. */
import { seededRandom } from '../../base/random';
import type { Model } from '../../model/types';

export interface Speed {
  /** Until the decoder's first token, the runtime's own start included, with a prompt of one token. */
  loadMs: number;
  promptTokens: number;
  prefillTokensPerSecond: number;
  decodeTokensPerSecond: number;
  /** A completion after one more typed character, with the prompt's keys and values reused. */
  repromptMs: number;
  trainingTokens: number;
  trainingStepMs: number;
}

export interface MeasureOptions {
  promptTokens?: number;
  newTokens?: number;
  trainingTokens?: number;
}

/** Times are medians of three after a first run that is not counted. */
export async function measure(model: Model, options: MeasureOptions = {}): Promise<Speed> {
  const room = Math.max(8, model.contextLength - 1);
  const promptTokens = Math.min(options.promptTokens ?? 512, Math.floor(room / 2));
  const newTokens = Math.min(options.newTokens ?? 32, Math.floor(room / 4));
  const trainingTokens = Math.min(options.trainingTokens ?? 256, Math.floor(room / 2));
  const random = seededRandom(1);
  const ids = (n: number) =>
    Array.from({ length: n }, () => Math.floor(random() * model.tokenizer.vocabularySize));
  const prompt = ids(promptTokens);

  const decoder = await model.decoder();
  const generate = (p: readonly number[], maxTokens: number, cacheKey?: string) =>
    timed(() => decoder.generate({ prompt: p, maxTokens, stopIds: [], cacheKey }));
  const loadMs = await generate([prompt[0]!], 1);
  const first = await median(() => generate(prompt, 1));
  const all = await median(() => generate(prompt, 1 + newTokens));
  await generate(prompt, 1, 'document');
  let typed = prompt;
  const repromptMs = await median(() => {
    typed = [...typed, ...ids(1)];
    return generate(typed, 1, 'document');
  });
  await decoder.close();

  const trainer = await model.trainer({ rank: 16, alpha: 32, seed: 1 });
  const row = { prompt: ids(trainingTokens - 31), response: ids(32), crossEntropy: 1 };
  const step = () => timed(() => trainer.accumulate([row], 1));
  await step();
  const trainingStepMs = await median(step);
  await trainer.close();

  return {
    loadMs,
    promptTokens,
    prefillTokensPerSecond: (promptTokens / first) * 1000,
    decodeTokensPerSecond: (newTokens / Math.max(all - first, 1e-3)) * 1000,
    repromptMs,
    trainingTokens,
    trainingStepMs,
  };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

async function median(run: () => Promise<number>): Promise<number> {
  await run();
  const times = [await run(), await run(), await run()].sort((a, b) => a - b);
  return times[1]!;
}
