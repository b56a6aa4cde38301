/** Settings as the client sends them (section `hindsight`), and what the server needs at start. */

export interface Settings {
  completions: {
    enabled: boolean;
    /** Wait after the last keystroke before a completion is computed, in ms. */
    debounceMs: number;
    maxTokens: number;
    /** The nearest stored corrections ride along in the prompt. */
    recall: boolean;
  };
  learning: {
    /** Rounds start by themselves when the machine is idle. Train Now works either way. */
    automatic: boolean;
    idleSeconds: number;
    minimumEvents: number;
    minimumMinutesBetweenRounds: number;
    onBattery: boolean;
    maxSeconds: number;
    /** Seconds an accepted text must have stayed before its kept text counts. */
    settleSeconds: number;
    /** Files that lie in none of the workspace's folders are stored and learned from too. */
    outsideWorkspace: boolean;
  };
  model: {
    /** A Hugging Face folder; empty for the embedded model. */
    path: string;
    device: 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';
    threads: number;
    /** Of the weights while completing; training keeps float32. */
    precision: 'auto' | 'float32' | 'float16' | 'int8' | 'int4';
    /** Address of a server with an OpenAI-compatible interface that completes instead; empty for none. */
    server: string;
    /** Which of that server's models; empty for its first. */
    serverModel: string;
  };
  storage: {
    /** Completions are deleted after so many days, but for what the adapter in use has learned from; 0 keeps them. */
    keepDays: number;
  };
  /** Glob patterns that are never read, stored or learned from, besides what git ignores. */
  exclude: string[];
  /** Schemes of documents that are completed in and learned from besides files (`untitled`, …). */
  schemes: string[];
}

export const defaultSettings: Settings = {
  completions: { enabled: true, debounceMs: 60, maxTokens: 64, recall: true },
  learning: {
    automatic: true,
    idleSeconds: 120,
    minimumEvents: 4,
    minimumMinutesBetweenRounds: 20,
    onBattery: false,
    maxSeconds: 90,
    settleSeconds: 60,
    outsideWorkspace: false,
  },
  model: { path: '', device: 'auto', threads: 0, precision: 'auto', server: '', serverModel: '' },
  storage: { keepDays: 365 },
  exclude: [],
  schemes: [],
};

/** The key of the server that completes, and the host that it may be sent to; null where there is none. */
export type ServerKey = { host: string; key: string } | null;

/** `initializationOptions` of the language server. */
export interface InitializationOptions {
  /** Folder of the database and the adapters (the extension's global storage). */
  storagePath: string;
  /** Folder of the embedded model. */
  embeddedModelPath: string;
  trusted: boolean;
  settings: Settings;
  /** Of `settings.model.server`: kept by the editor, never stored or logged here. */
  serverKey?: ServerKey;
}
