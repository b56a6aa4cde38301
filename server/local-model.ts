import { existsSync } from 'node:fs';
import { errorMessage } from './base/errors';
import { expandPath } from './base/expand-path';
import { baseOf } from './completion/served/address';
import type { ModelInfo } from './completion/types';
import { CompletionWorker, WorkerDied } from './completion/worker-client';
import type { ServerKey, Settings } from './protocol/settings';

/** What is loaded, and a sentence where it is not what the settings ask for. */
export interface LoadedModel {
  info: ModelInfo;
  /** Folder or file; null of a model that a server has. */
  directory: string | null;
  trouble: string | null;
}

/**
 * The model that completes: the settings' folder, or the embedded one where that folder cannot be used. Reopens it
 * where the worker died.
 */
export class LocalModel {
  readonly worker: CompletionWorker;
  private loaded: LoadedModel | null = null;
  private closed = false;

  constructor(
    workerEntry: string,
    private readonly embeddedPath: string,
    /** The workspace folder that a relative path in the settings starts from. */
    private readonly folder: () => string | undefined,
    onTrouble: (message: string) => void,
    onMoved: (notice: string) => void,
  ) {
    this.worker = new CompletionWorker(
      workerEntry,
      (message) => {
        this.loaded = null;
        onTrouble(message);
      },
      (device, notice) => {
        if (this.loaded) this.loaded.info = { ...this.loaded.info, device, notice };
        onMoved(notice);
      },
    );
  }

  get current(): LoadedModel | null {
    return this.loaded;
  }

  /**
   * Loads the base model, without an adapter. What was open before answers until then.
   * @param key of the server that the settings name, where it asks for one
   * @throws Error with one sentence where not even the embedded model can be loaded
   */
  async open(settings: Settings['model'], key: ServerKey): Promise<LoadedModel> {
    if (settings.server.trim() !== '') return this.connect(settings, key);
    const wanted = expandPath(settings.path, this.folder());
    if (wanted === '') return this.openModel(this.embeddedPath, settings, null);
    try {
      return await this.openModel(wanted, settings, null);
    } catch (error) {
      if (this.closed) throw error;
      const trouble = `${errorMessage(error)} The embedded model is used instead (setting hindsight.model.path).`;
      return this.openModel(this.embeddedPath, settings, trouble);
    }
  }

  private async connect(settings: Settings['model'], key: ServerKey): Promise<LoadedModel> {
    const { server, serverModel } = settings;
    try {
      // A key goes to the host that it was given for.
      const own = key && key.host === baseOf(server).host ? key.key : null;
      const info = await this.worker.connect({ url: server, model: serverModel, key: own });
      this.loaded = { info, directory: null, trouble: null };
      return this.loaded;
    } catch (error) {
      if (this.closed) throw error;
      const trouble = `${errorMessage(error)} The embedded model is used instead.`;
      return this.openModel(this.embeddedPath, settings, trouble);
    }
  }

  private async openModel(
    path: string,
    settings: Settings['model'],
    trouble: string | null,
  ): Promise<LoadedModel> {
    if (!existsSync(path)) throw new Error(`There is no model at ${path}.`);
    const { device, threads, precision } = settings;
    const open = () => this.worker.open({ modelDir: path, device, threads, precision });
    let info: ModelInfo;
    try {
      info = await open();
    } catch (error) {
      // A thread that died with the model may have died by chance.
      if (this.closed || !(this.loaded || error instanceof WorkerDied)) throw error;
      // Two models at once may be more than the memory holds.
      this.loaded = null;
      await this.worker.release();
      info = await open();
    }
    this.loaded = { info, directory: path, trouble };
    return this.loaded;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.loaded = null;
    await this.worker.close();
  }
}
