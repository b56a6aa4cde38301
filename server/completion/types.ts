/** What passes between the server's main thread and its completion worker. Every request has an id, and one answer with that id. */
import type { Device, Model, OpenModelOptions, PromptFormat } from '../model/types';
import type { CompletionAnswer, CompletionQuery } from './complete';
import type { OfferToScore, ScoredOffer } from './score-offer';
import type { ServedAddress } from './served/address';

/** Loads the model; the first message of a worker, and its only one of this kind. */
export interface OpenRequest {
  type: 'open';
  modelDir: string;
  device: Device | 'auto';
  threads: number;
  precision: NonNullable<OpenModelOptions['precision']>;
  /** Int32[1]: id of the newest completion asked for. A run for another one stops at its next check. */
  newest: SharedArrayBuffer;
}

/** Connects to a model that a server has, instead of loading one; the only message of this kind. */
export interface ConnectRequest extends ServedAddress {
  type: 'connect';
  newest: SharedArrayBuffer;
}

export interface CompleteRequest extends Omit<CompletionQuery, 'signal'> {
  type: 'complete';
}

/** Reads a prompt ahead of the completion that is likely to be asked for there. */
export interface ReadAheadRequest extends Omit<CompletionQuery, 'signal' | 'lookups'> {
  type: 'read-ahead';
}

/** Completions after this request answer with the adapter. */
export interface AdapterRequest {
  type: 'adapter';
  adapter: WorkerAdapter | null;
}

export interface WorkerAdapter {
  id: number;
  /** Folder in PEFT's format. */
  path: string;
}

/** How likely an offer is, under an adapter and a recalled text. Completions do not wait for more than one of these. */
export interface ScoreRequest extends OfferToScore {
  type: 'score';
  adapter: WorkerAdapter | null;
  /** What it needed is let go after it. */
  last: boolean;
}

export type WorkerRequest =
  | OpenRequest
  | ConnectRequest
  | CompleteRequest
  | ReadAheadRequest
  | AdapterRequest
  | ScoreRequest;
export type ToWorker = WorkerRequest & { id: number };

export interface ModelInfo {
  name: string;
  hash: string;
  /** As in `Model`. */
  former: Model['former'];
  device: Device;
  /** Host of the server that has the model; null of a model that runs here. */
  server: string | null;
  /** Of a model that runs here. */
  format: PromptFormat | null;
  contextLength: number | null;
  /** One sentence where the model does not run as asked for. */
  notice: string | null;
}

export interface Completed extends Omit<CompletionAnswer, 'generation'> {
  type: 'completed';
  /** `Model.hash` and the adapter's number: what this text was made by. */
  modelHash: string;
  adapter: number | null;
  cancelled: boolean;
  milliseconds: number;
  reusedTokens: number;
  /** Runs of the model after the prompt was read: fewer than tokens where draft tokens were right. */
  runs: number;
}

export type WorkerAnswer =
  | { type: 'opened'; info: ModelInfo }
  | { type: 'adapter-set' }
  | { type: 'read' }
  | ({ type: 'scored' } & ScoredOffer)
  | Completed
  | { type: 'failed'; message: string };

export type FromWorker =
  | (WorkerAnswer & { id: number })
  /** The model goes on otherwise than it was opened: its device failed, and it runs on the CPU from now on. */
  | { type: 'moved'; device: Device; notice: string };
