import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from './base/errors';
import type { ModelInfo } from './completion/types';
import { CompletionWorker } from './completion/worker-client';
import type { Settings } from './protocol/settings';

/** What is loaded, and a sentence where it is not what the settings ask for. */
export interface LoadedModel {
  info: ModelInfo;
  directory: string;
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
   * Loads the base model, without an adapter.
   * @throws Error with one sentence where not even the embedded model can be loaded
   */
  async open(settings: Settings['model']): Promise<LoadedModel> {
    this.loaded = null;
    const wanted = settings.path.trim();
    if (wanted !== '') {
      try {
        return await this.openFolder(wanted, settings, null);
      } catch (error) {
        if (this.closed) throw error;
        return this.openFolder(
          this.embeddedPath,
          settings,
          `${errorMessage(error)} The embedded model is used instead (setting hindsight.model.path).`,
        );
      }
    }
    return this.openFolder(this.embeddedPath, settings, null);
  }

  private async openFolder(
    directory: string,
    settings: Settings['model'],
    trouble: string | null,
  ): Promise<LoadedModel> {
    if (!existsSync(join(directory, 'config.json'))) {
      throw new Error(
        `${directory} holds no config.json; choose a folder in Hugging Face layout (config.json, tokenizer.json, *.safetensors).`,
      );
    }
    const info = await this.worker.open({
      modelDir: directory,
      device: settings.device,
      threads: settings.threads,
      precision: settings.precision,
    });
    this.loaded = { info, directory, trouble };
    return this.loaded;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.loaded = null;
    await this.worker.close();
  }
}
