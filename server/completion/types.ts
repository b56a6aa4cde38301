/** What passes between the server's main thread and its completion worker. */
import type { Device, OpenModelOptions, PromptFormat } from '../model/types';

export interface OpenRequest {
  type: 'open';
  modelDir: string;
  device: Device | 'auto';
  threads: number;
  precision: NonNullable<OpenModelOptions['precision']>;
  /** Int32[1]: the newest request's number. A run whose number is older stops at the next check. */
  newest: SharedArrayBuffer;
}

export interface CompleteRequest {
  type: 'complete';
  /** Increasing number; see `newest`. */
  number: number;
  /** Key of the document, for its key-value cache. */
  document: string;
  path: string;
  languageId: string;
  prefix: string;
  suffix: string;
  /** Teacher context of the instant memory, or null. */
  feedback: string | null;
  /** Texts whose continuations are tried as guesses, the likeliest source last: they change the speed, never the text. */
  lookups: readonly string[];
  maxTokens: number;
}

export interface AdapterRequest {
  type: 'adapter';
  /** Folder in PEFT's format, or null for the base model. */
  adapterDir: string | null;
}

export type ToWorker = OpenRequest | CompleteRequest | AdapterRequest | { type: 'close' };

export interface ModelInfo {
  name: string;
  hash: string;
  device: Device;
  format: PromptFormat;
  contextLength: number;
  /** One sentence where the model does not run as asked for. */
  notice: string | null;
}

export interface Completed {
  type: 'completed';
  number: number;
  text: string;
  /** The prompt without any recalled feedback: what training conditions the student on. */
  promptIds: number[];
  responseIds: number[];
  logProbs: number[];
  cancelled: boolean;
  milliseconds: number;
  reusedTokens: number;
  /** Runs of the model after the prompt was read: fewer than tokens where guesses were right. */
  runs: number;
}

export type FromWorker =
  | { type: 'opened'; info: ModelInfo }
  | { type: 'adapter-set' }
  | Completed
  /** The model goes on otherwise than it was opened: its device failed, and it runs on the CPU from now on. */
  | { type: 'moved'; device: Device; notice: string }
  /** `number` where one completion failed, absent where the model could not be opened or the adapter not be read. */
  | { type: 'failed'; number?: number; message: string };
