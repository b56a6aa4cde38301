/** What a model will cost on this machine: from its sizes and what the machine was measured at. */
import type { ModelWork } from '../../model/inspect';
import type { Cost } from '../../protocol/cost';
import type { MachineSpeed } from './probe';

/** Tokens of a prompt and of a line. */
const PROMPT = 448;
const LINE = 12;

/**
 * Beside the large products a run takes attention, norms, minima of blocks and the small products' loss: measured
 * factors over what the probe says (docs/measurements).
 */
const PROMPT_FACTOR = 1.65;
const TOKEN_FACTOR = { 4: 3, 8: 1.7, 32: 1.7 } as const;
/** What a token costs in each layer however few its weights are, in ms: many small operators one after another. */
const LAYER_MS = 0.2;

/** Tokens, each a product with all weights in float32, that make a round take as long as it does. */
const ROUND_TOKENS = { small: 1_000_000, large: 55_000 } as const;
/** As in training/round-options.ts: smaller ones take more and cheaper steps. */
const SMALL = 20e6;

export function costOf({ parameters, embedding, layers, bits }: ModelWork, speed: MachineSpeed): Cost {
  const prompt = (PROMPT * (parameters - embedding) * PROMPT_FACTOR) / speed.prompt[bits];
  const token = (parameters * TOKEN_FACTOR[bits]) / speed.token[bits] + (layers * LAYER_MS) / 1000;
  const round = (parameters * ROUND_TOKENS[parameters < SMALL ? 'small' : 'large']) / speed.prompt[32];
  return { firstLineMs: 1000 * (prompt + LINE * token), roundMinutes: round / 60 };
}
