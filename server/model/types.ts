/** What the rest of the server knows of a local model. Implemented in this folder; imports nothing above it. */
import type { Device } from '../graph/runtime';
import type { Spelling } from './tokenizer/spelling';

export type { Device };

/** A LoRA adapter in memory. ΔW = (alpha / rank) · B·A for every target. */
export interface Adapter {
  rank: number;
  alpha: number;
  /** By PEFT's name, for instance `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight`; A [rank,in], B [out,rank]. */
  tensors: Map<string, { shape: number[]; data: Float32Array }>;
  /** Factors of modules (named as in the weight files) that differ from alpha / rank; absent where none does. */
  scales?: Map<string, number>;
  /**
   * Where it acts: 'response' from the last prompt token on, the prompt being read by the base model, so that its keys and
   * values are valid for every such adapter; absent: at every position.
   */
  positions?: 'response';
  /** Shapes of base layers of which the adapter's file holds a copy; they must be this model's. */
  copies?: ReadonlyMap<string, readonly number[]>;
  /** SHA-256 of the tensors, first 16 hex digits. */
  hash: string;
}

export interface Tokenizer {
  /** Ids of text that is only text: what spells a control token becomes ordinary tokens. Any piece of a text comes back. */
  encodeText(text: string): number[];
  /** As `encodeText`, but control tokens written in the text are recognised. */
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  /** What each token writes; control tokens write nothing. Made when it is first asked for. */
  spelling(): Spelling;
  /** Id of a control token by its text, or undefined. */
  specialId(token: string): number | undefined;
  /**
   * Ids of every control token: all added tokens but runs of blanks, and every name of the fill-in-the-middle format.
   * Never to be sampled in a completion, save the stop tokens.
   */
  specialIds(): number[];
  /** The token that the tokenizer puts before a text of its own accord; `encode` leaves it out. */
  readonly beginId?: number;
  readonly vocabularySize: number;
}

/**
 * How this model's prompts are put together; read from its tokenizer, and from hindsight.json where there is one.
 * psm: prefixId prefix suffixId suffix middleId. spm: suffixId suffix prefixId prefix middleId. spm-continue: prefixId (where there is one) suffixId suffix middleId prefix.
 */
export interface PromptFormat {
  /** 'spm-continue': prefix text follows the middle token directly (the embedded model); 'none': prefix only. */
  order: 'psm' | 'spm' | 'spm-continue' | 'none';
  /** Goes before every prompt, where the model's tokenizer begins texts with a token. */
  beginId?: number;
  prefixId?: number;
  suffixId?: number;
  middleId?: number;
  repoNameId?: number;
  fileSeparatorId?: number;
  /** The embedded model's own slot for feedback. */
  feedbackId?: number;
  /** Sampling stops at any of these. The first is the one that training scores at the end of a response. */
  stopIds: number[];
}

export interface GenerateRequest {
  prompt: readonly number[];
  maxTokens: number;
  stopIds: readonly number[];
  /** Never sampled. */
  bannedIds?: readonly number[];
  /** Not sampled either as the token that `bannedFirstAt` others are before; 0 where that is missing. */
  bannedFirstIds?: readonly number[];
  bannedFirstAt?: number;
  /** The only ids that may follow those written so far; undefined for any. */
  allowedIds?: (written: readonly number[]) => readonly number[] | undefined;
  /** Tokens that are tried first, in one run (greedy only); they never change the result. */
  draft?: readonly number[];
  /** 0 is greedy. */
  temperature?: number;
  topP?: number;
  seed?: number;
  /** Key of the key-value cache to reuse (one per document); prefix reuse is within a key. */
  cacheKey?: string;
  /**
   * Texts, beside the prompt, from which draft tokens are copied (greedy only). A draft is verified in one run and never
   * changes the result.
   */
  lookups?: readonly (readonly number[])[];
  /** False takes one token a run, without drafts: what measurements compare with. */
  speculate?: boolean;
  signal?: AbortSignal;
  /** Called for each token; return true to stop after it. */
  onToken?: (id: number, ids: readonly number[]) => boolean;
  /** What the response begins with, which is written already: it is read, and only what follows is written and returned. */
  begun?: readonly number[];
  /** How many of the likeliest tokens that were not taken are told at each position (greedy only). */
  alternatives?: number;
}

/** A token that could have been taken. */
export interface Alternative {
  id: number;
  /** log π at temperature 1. */
  logProb: number;
}

export interface Generation {
  /** Without the stop token. */
  ids: number[];
  /** log π(y_t | x, y<t) of each id at temperature 1, and of the stop token last where `reason` is 'stop'. */
  logProbs: number[];
  reason: 'stop' | 'length' | 'caller' | 'cancelled';
  /** Prompt tokens that were taken from the cache. */
  reusedTokens: number;
  /** Runs of the model after the prompt was read; fewer than tokens where drafts were right. */
  runs: number;
  /** At each id, the stop token included, what else might have been taken there; where it was asked for. */
  alternatives?: Alternative[][];
}

/** Texts behind one prompt of which the decoder says how likely they are. */
export interface LikelihoodRequest extends Pick<GenerateRequest, 'prompt' | 'cacheKey' | 'signal'> {
  /** The log-probs of `ids` from the index `from` on are asked for. */
  responses: readonly { ids: readonly number[]; from: number }[];
}

export interface Decoder {
  /**
   * Swaps the adapter without a reload; null is the base model. Caches of prompts stay valid, save where an adapter acts on
   * prompts too.
   */
  setAdapter(adapter: Adapter | null): void;
  generate(request: GenerateRequest): Promise<Generation>;
  /**
   * Several prompts at once. What the cache of a request's `cacheKey` holds of its prompt is not read again; on the CPU
   * that cache stays as it is.
   */
  generateBatch(requests: readonly GenerateRequest[]): Promise<Generation[]>;
  /**
   * log π of each id that is asked for, in nats, response by response; null where the signal was aborted. In the numbers
   * and with the cache of decoding, so that it takes one run a response.
   */
  likelihoods(request: LikelihoodRequest): Promise<number[][] | null>;
  close(): Promise<void>;
}

/** A response and what stands before it, as ids. */
export interface ResponseRow {
  prompt: readonly number[];
  response: readonly number[];
}

/** What a scorer says of a response's S positions. */
export interface Scored {
  /** log π(y_t|…), [S] */
  logProbs: Float32Array;
  /** [S, K] row-major */
  topIds: Int32Array;
  topLogProbs: Float32Array;
  /** [S], in nats */
  entropy: Float32Array;
}

/** log-probs of given responses; logits only at response positions. */
export interface Scorer {
  /**
   * @param topK how many of the most likely tokens to return at each position; 0 for none
   * @returns for each of the S response positions log π(y_t|…), and the top-K ids and log-probs, row-major [S, K]
   */
  score(
    prompt: readonly number[],
    response: readonly number[],
    adapter: Adapter | null,
    topK: number,
  ): Promise<Scored>;
  /** The same of many rows, together where that is faster. */
  scoreMany(rows: readonly ResponseRow[], adapter: Adapter | null, topK: number): Promise<Scored[]>;
  /** Raw logits [S, vocabulary] of the response positions. */
  logits(
    prompt: readonly number[],
    response: readonly number[],
    adapter: Adapter | null,
  ): Promise<Float32Array>;
  close(): Promise<void>;
}

/** What a row's response positions are trained towards; a row may carry both terms. */
export interface TrainingRow {
  prompt: readonly number[];
  response: readonly number[];
  /** Weight of each response position, [S]; default all 1. The row's loss is Σ_t mask_t·loss_t / Σ_t mask_t. */
  mask?: Float32Array;
  /** Factor of −log π(y_t). */
  crossEntropy: number;
  /**
   * Factor of each position's −log π(y_t), [S]; default all 1. May be negative: with the advantage there, the gradient
   * is that of the sampled-token estimate and of policy-gradient objectives. Reported losses leave it out.
   */
  advantages?: Float32Array;
  /**
   * Divergence to a fixed distribution with top-K support and a tail bucket.
   * kind 'forward' is KL(teacher‖student), 'reverse' KL(student‖teacher), 'jsd' the generalised Jensen–Shannon
   * divergence β KL(T‖M) + (1−β) KL(S‖M) with M = βT + (1−β)S.
   * ids [S, K], distinct within a row, are the teacher's likeliest tokens or the student's, as the caller chooses;
   * logProbs [S, K] are the teacher's log-probabilities of them; both row-major.
   */
  divergence?: {
    kind: 'forward' | 'reverse' | 'jsd';
    weight: number;
    /** For 'jsd'; default 0.5. */
    beta?: number;
    ids: Int32Array;
    logProbs: Float32Array;
    topK: number;
  };
}

export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** Global-norm clip; 0 for none. */
  maxGradNorm: number;
}

export interface TrainingSession {
  /** Forward and backward over a batch (padded); adds scale · gradient to the accumulator. Losses are one per row. */
  accumulate(
    rows: readonly TrainingRow[],
    scale: number,
  ): Promise<{ crossEntropy: Float32Array; divergence: Float32Array }>;
  /** One AdamW step on the accumulated gradients, which are then cleared. Returns the global norm before the clip. */
  step(options: AdamWOptions): { gradNorm: number };
  /** A copy of the adapter as it stands. */
  adapter(): Adapter;
  /** Optimiser state for a checkpoint: step count and moments by tensor name. */
  optimizerState(): OptimizerState;
  loadOptimizerState(state: OptimizerState): void;
  close(): Promise<void>;
}

/**
 * Scores and trains under adapters that act on responses only. A prompt is read once by the frozen base, and so is what the
 * layers below the adapter make of a response; both are kept while this is open.
 */
export interface ResponseEngine {
  /** For the base model and adapters of this engine. */
  readonly scorer: Scorer;
  trainer(options: TrainerOptions): Promise<TrainingSession>;
  close(): Promise<void>;
}

export interface TrainerOptions {
  /** To go on from; a fresh one without it. */
  adapter?: Adapter;
  rank: number;
  alpha: number;
  seed: number;
  /** Where a fresh one acts; default everywhere. */
  positions?: Adapter['positions'];
}

export interface OptimizerState {
  step: number;
  moments: Map<string, { m: Float32Array; v: Float32Array }>;
}

export interface Model {
  /** Its folder or file. */
  readonly path: string;
  /** Short name for people. */
  readonly name: string;
  /** SHA-256 over config.json and every byte of the weight files, first 16 hex digits. */
  readonly hash: string;
  /**
   * The hash that earlier versions gave it, over sizes and headers alone, and when a weight file was last changed
   * (milliseconds since 1970): what was trained later under that hash was trained on these weights.
   */
  readonly former?: { hash: string; changedAt: number };
  readonly tokenizer: Tokenizer;
  readonly format: PromptFormat;
  readonly parameters: number;
  /** Longest context the model was made for, in tokens. */
  readonly contextLength: number;
  /** Where it really runs. */
  readonly device: Device;
  /** Why that is not the device asked for, in one sentence; may appear later, when a device fails in the middle of a run. */
  readonly notice?: string;
  /** With `onlyOneSession` base model and adapter are never in memory both; a swap then compiles anew. */
  decoder(options?: { onlyOneSession?: boolean }): Promise<Decoder>;
  scorer(): Promise<Scorer>;
  /** Trains `adapter`, or a fresh one (A Kaiming-uniform from the seed, B zero). */
  trainer(options: TrainerOptions): Promise<TrainingSession>;
  /**
   * @param options.adapter the adapter to go on from, of response positions; without one `share` says how many of the layers,
   * counted from the top, a fresh adapter has, in (0, 1]
   */
  responses(options: { adapter?: Adapter; share: number }): Promise<ResponseEngine>;
  close(): Promise<void>;
}

export interface OpenModelOptions {
  device?: Device | 'auto';
  /** Threads inside one operator; 0 lets the runtime choose. */
  threads?: number;
  /**
   * Of the weights while decoding; scoring and training stay in float32. Fewer bits are made at the first use and kept in
   * this user's cache folder: about 4 (8 bits) or 7 (4 bits) times fewer bytes to read for each token, and slightly other text.
   * int8 and int4 are for the CPU, float16 for graphics devices; elsewhere float32 is used, and `notice` says so.
   * auto: of a large model int8 on the CPU and float16 on a graphics device that has it, else float32. Default float32.
   */
  precision?: 'auto' | 'float32' | 'float16' | 'int8' | 'int4';
  /**
   * Of the frozen weights under an adapter in training: fewer bits take less memory, and shift the gradients a little.
   * A quantised GGUF file keeps its own unless float32 is asked for; auto is that for small ones, which train half as fast
   * again by it. Default float32.
   */
  trainingPrecision?: 'auto' | 'float32' | 'int8' | 'int4';
  /** Where hashes of large files are kept, and from how many bytes on. */
  hashes?: { folder?: string; smallBelow?: number };
  /** Computes activations again in the backward pass instead of keeping them: a third more work, much less memory. */
  recompute?: boolean;
}
