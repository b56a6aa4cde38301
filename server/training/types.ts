/** What passes between the server and the trainer process, and between the parts of a round. Plain data. */

import type { ContextParts } from '../learning/contexts';
import type { Device } from '../model/types';
import type { RoundSummary, TokenAdvantage } from '../protocol/types';
import type { LearningEvent } from '../store/records';

/** Which terms of the objective a kind of event carries (docs/learning.md, "Objective"). */
export interface Terms {
  /** a: forward KL(teacher‖student) on the kept text. */
  keptForward: number;
  /** b: divergence on samples, the teacher's or the student's own. */
  onPolicy: number;
  /** Direction of b: 'forward' moves tokens the student finds improbable, 'reverse' is SDPO as published, 'jsd' lies between. */
  onPolicyKind: 'forward' | 'reverse' | 'jsd';
  /** c: cross-entropy on the kept text. */
  crossEntropy: number;
}

/** What a round makes the model learn. Plain data: it goes from the server to the trainer, and into a checkpoint's key. */
export interface Objective {
  name: string;
  /** Where the developer's own text is known. */
  withText: Terms;
  /** Where only an error, a test's output or words are known. */
  withoutText: Terms;
  /**
   * Where the teacher's own answer stands in for a text that nobody wrote (answers.ts); null: never asked for one, and
   * `withoutText` holds.
   */
  withAnswer: Terms | null;
  /** What of the feedback the teacher reads. */
  context: ContextParts;
  /** Weight of KL(base‖student) on replay rows. */
  anchor: number;
  learningRate: number;
}

export interface RoundOptions {
  rank: number;
  alpha: number;
  /** Where a new adapter acts: on the last prompt token and the response, or on all; one that is trained on keeps its own. */
  positions: 'response' | 'all';
  /** Of a new adapter on responses: share of the layers that it has, counted from the top, in (0, 1]. */
  layers: number;
  /** Of the objective's learning rate: larger models want smaller steps. */
  rateScale: number;
  maxSteps: number;
  /** Wall-clock seconds of training steps, pauses not counted; the learning rate's schedule fits into them. */
  maxSeconds: number;
  warmupSteps: number;
  eventsPerStep: number;
  replayPerStep: number;
  /** Tokens of a replay row. */
  replayTokens: number;
  /** Replay rows that a round trains on at most; each costs its reading once. */
  replayRows: number;
  /** The last tokens of a replay row that are trained on, where the adapter acts on responses; the rest is prompt. */
  replayResponse: number;
  /** Tokens of a training prompt, feedback not counted: the code next to the cursor. */
  promptTokens: number;
  /** Tokens of context on top of it: what the prompt of the completion showed besides its file. */
  contextTokens: number;
  /** Most tokens of feedback before a teacher's prompt. */
  feedbackTokens: number;
  /** Most tokens of a kept text or a sample. */
  responseTokens: number;
  samplesPerEvent: number;
  /** Proposals drawn from the teacher for an event without a kept text, where the objective trains on its answers. */
  answerSamples: number;
  /** Answers of the teacher that such an event is trained on in turn. */
  answersKept: number;
  /** Steps after which samples are drawn anew. */
  refreshSteps: number;
  temperature: number;
  topK: number;
  /** Share of the kept texts that a step trains under other names (rename.ts), in [0, 1]; null: more of it the fewer there are. */
  renameShare: number | null;
  /** Forms that a correction is shown in, with other names or without those like it around it; null: new ones at every step. */
  forms: number | null;
  /** Places of ordinary code, and tokens at each, that length and leak are judged by. */
  snapshotRows: number;
  snapshotTokens: number;
  weightDecay: number;
  maxGradNorm: number;
  seed: number;
}

/** Everything the trainer needs; it opens no database. */
export interface TrainingJob {
  objective: Objective;
  options: RoundOptions;
  /** PEFT folder to go on from; null starts from the base model. */
  adapterDirectory: string | null;
  /** New events; they pass the gates first. */
  events: LearningEvent[];
  /** Corrections of earlier rounds, trained on again so that they stay. */
  rehearsed: LearningEvent[];
  heldOut: LearningEvent[];
  /** What the held-out corrections share with no trained one, for the record. */
  heldOutBy?: string | null;
  replay: ReplayRow[];
  /** Never trained on: what forgetting is measured with. */
  replayHeld: ReplayRow[];
  /** Folder for the finished adapter, written by the trainer. */
  outputDirectory: string;
  checkpointPath: string | null;
  /** false trains on every event, whatever the gates say; they are measured all the same. For comparisons on equal events. */
  gated: boolean;
}

export interface ReplayRow {
  text: string;
  path?: string;
}

export interface EventGates {
  eventId: number;
  passed: boolean;
  /** One sentence where it did not pass. */
  reason: string | null;
  gates: { name: string; passed: boolean; value: number | null; threshold: number | null }[];
}

export type Step = RoundSummary['steps'][number];
export type Decision = RoundSummary['decisions'][number];

export interface Score {
  eventId: number;
  /** Mean log-prob per token of the kept text. */
  before: number;
  after: number;
}

/** What a round found out, whether or not its adapter is used. */
export interface RoundResult {
  steps: number;
  seconds: number;
  /** Why the loop ended: 'steps', 'time', or a guard's sentence. */
  stopped: string;
  distillationShare: number | null;
  trained: Score[];
  heldOut: Score[];
  /** Bits per byte on the held replay rows. */
  bitsBefore: number | null;
  bitsAfter: number | null;
  decisions: Decision[];
  verdict: { state: 'promoted' | 'kept-insufficient-evidence' | 'rejected'; message: string };
  adapterHash: string;
}

export type ToTrainer =
  | { type: 'open'; modelDirectory: string; device: Device | 'auto'; threads: number }
  | { type: 'train'; job: TrainingJob }
  | { type: 'pause' }
  | { type: 'resume'; pausedMs: number };

export type FromTrainer =
  | { type: 'opened'; modelHash: string; name: string; device: string; parameters: number }
  | { type: 'phase'; text: string; progress: number }
  | { type: 'gates'; gates: EventGates[] }
  | { type: 'advantages'; completionId: string; context: string; tokens: TokenAdvantage[] }
  | { type: 'step'; step: Step; progress: number }
  | { type: 'done'; result: RoundResult }
  | { type: 'nothing' | 'failed'; message: string };
