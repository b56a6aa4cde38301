/**
 * How much a text that was typed after a rejection says about the offer. Whoever types goes on with their own thought: it
 * corrects the offer where the model meant it, or where both have much in common; else it is just what came next.
 */

/** Less than this is no correction. */
const LEAST = 0.5;
/** From here on it counts whole. */
const WHOLE = 0.6;

/**
 * @param offered the text that was rejected
 * @param logProbs of its tokens, in nats; empty where they are not known, which counts as likely
 * @param typed what stands there instead
 * @returns the factor in [0, 1] for the event's weight; 0 where it is no correction
 */
export function evidenceOf(offered: string, logProbs: readonly number[], typed: string): number {
  const evidence = Math.max(likelihood(logProbs), sharedWords(offered, typed));
  if (evidence < LEAST) return 0;
  return evidence >= WHOLE ? 1 : evidence;
}

/** The geometric mean of the tokens' probabilities, in [0, 1]. */
function likelihood(logProbs: readonly number[]): number {
  if (logProbs.length === 0) return 1;
  return Math.exp(logProbs.reduce((sum, one) => sum + one, 0) / logProbs.length);
}

/** Dice's coefficient of the words in both, in [0, 1]; 0 where neither has any. */
export function sharedWords(one: string, other: string): number {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  if (a.size + b.size === 0) return 0;
  return (2 * [...a].filter((word) => b.has(word)).length) / (a.size + b.size);
}

const wordsOf = (text: string): Set<string> => new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*|\p{N}+/gu));
