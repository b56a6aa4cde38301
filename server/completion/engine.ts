import { randomUUID } from 'node:crypto';
import type { ContextPart } from '../prompt-context/types';
import type { CompletionRecord } from '../store/records';
import { codePlace } from './code-place';
import { standsInText } from './in-text';
import { type Offer, OfferCache } from './offer-cache';
import { TypingRhythm } from './typing-rhythm';
import type { CompletionWorker } from './worker-client';

/** Where a completion is asked for. */
export interface Place {
  uri: string;
  /** Relative to its workspace folder, with forward slashes; the model sees it as the file's name. */
  path: string;
  languageId: string;
  /** The document's text and the cursor's UTF-16 offset in it. */
  text: string;
  offset: number;
  line: number;
  character: number;
}

export interface EngineHooks {
  /** A completion that will be offered; it is stored before the editor sees it. */
  onOffer(record: CompletionRecord): void;
  /** True where this text was turned down at a place like this one before. */
  wasRejected(place: { uri: string; prefix: string; text: string }): Promise<boolean>;
  /** What else the prompt shows: other files, edits, problems. */
  context?(place: Place & { prefix: string; suffix: string }): Promise<readonly ContextPart[]>;
  /** What the developer kept instead of earlier offers: text that tends to be written again. */
  corrections?(place: { languageId: string }): readonly string[];
  /** Teacher context of the instant memory for this place, or null. */
  recall(place: { path: string; languageId: string; prefix: string; suffix: string }): Promise<string | null>;
}

export interface EngineSettings {
  debounceMs: number;
  maxTokens: number;
  recall: boolean;
}

export interface Offered {
  completionId: string;
  /** What to insert at the cursor. */
  text: string;
}

/** From a place in a document to the text to offer there, or null. Newest request wins. */
export class CompletionEngine {
  private readonly cache = new OfferCache();
  private readonly rhythm = new TypingRhythm();
  private request = 0;
  private ready = false;

  constructor(
    private readonly worker: CompletionWorker,
    private readonly hooks: EngineHooks,
    private settings: EngineSettings,
  ) {}

  setSettings(settings: EngineSettings): void {
    this.settings = settings;
  }

  /**
   * Another model or adapter answers from now on, or none (`ready` false): what was offered before is not offered from
   * memory again, and what is under way is not offered at all.
   */
  modelChanged(ready: boolean): void {
    this.ready = ready;
    this.request++;
    this.cache.clear();
  }

  /** False while no model is open, and completions are null. */
  get isReady(): boolean {
    return this.ready;
  }

  forget(uri: string): void {
    this.cache.clear(uri);
  }

  /**
   * @param cancelled asked between the steps; a newer request cancels this one too
   * @param immediate no wait for further keystrokes (the developer asked by a key)
   */
  async complete(place: Place, cancelled: () => boolean, immediate: boolean): Promise<Offered | null> {
    if (!this.ready) return null;
    const number = ++this.request;
    const stale = (): boolean => number !== this.request || cancelled();
    this.rhythm.asked(performance.now(), place.text.length);
    const { prefix, suffix, offset, around, restore } = codePlace(place.text, place.offset);
    const known = this.cache.find(place.uri, offset, prefix, suffix);
    if (known) {
      const { offer, typed } = known;
      const rejected = await this.hooks.wasRejected({
        uri: place.uri,
        prefix: offer.prefix,
        text: offer.text,
      });
      if (stale()) return null;
      if (!rejected) return { completionId: offer.completionId, text: restore(offer.text.slice(typed)) };
      this.cache.remove(offer);
    }
    if (!immediate && this.settings.debounceMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.settings.debounceMs));
      if (stale()) return null;
    }
    const { feedback, context } = await this.beside({ ...place, prefix, suffix });
    if (stale()) return null;
    const started = performance.now();
    const running = this.worker.complete({
      document: place.uri,
      path: place.path,
      languageId: place.languageId,
      prefix,
      suffix,
      inText: standsInText(place.text.slice(0, place.offset), place.path, place.languageId),
      feedback,
      context,
      lookups: [...(this.hooks.corrections?.(place) ?? []), ...around],
      maxTokens: this.settings.maxTokens,
    });
    const result = await running.catch((error: unknown) => {
      // A run that a change of the model ended is no trouble.
      if (stale()) return null;
      throw error;
    });
    if (!result || stale()) return null;
    const { text } = result;
    if (text === null) return null;
    if (await this.hooks.wasRejected({ uri: place.uri, prefix, text })) return null;
    if (!immediate) await until(this.rhythm.earliest());
    if (stale()) return null;
    this.rhythm.shown(performance.now());
    const record: CompletionRecord = {
      id: randomUUID(),
      createdAt: Date.now(),
      uri: place.uri,
      path: place.path,
      languageId: place.languageId,
      line: place.line,
      character: place.character,
      prefix,
      suffix,
      ...(result.contextTokens > 0 ? { context } : {}),
      promptIds: result.promptIds,
      responseIds: result.responseIds,
      responseLogProbs: result.logProbs,
      text,
      modelHash: result.modelHash,
      adapter: result.adapter,
      latencyMs: performance.now() - started,
    };
    this.hooks.onOffer(record);
    const offer: Offer = {
      completionId: record.id,
      uri: place.uri,
      offset,
      prefix,
      suffix: suffix.slice(0, 200),
      text,
    };
    this.cache.add(offer);
    return { completionId: record.id, text: restore(text) };
  }

  /**
   * The cursor has come to a place: its prompt is read while the developer looks at it, so that the first completion there
   * need not wait for that. Whatever else the model has to do goes first.
   */
  async readAhead(place: Place): Promise<void> {
    const number = this.request;
    const isFree = () => this.ready && number === this.request && !this.worker.isBusy;
    if (!isFree()) return;
    const { prefix, suffix } = codePlace(place.text, place.offset);
    const beside = await this.beside({ ...place, prefix, suffix });
    if (!isFree()) return;
    const { path, languageId, uri: document } = place;
    const { maxTokens } = this.settings;
    const running = this.worker.readAhead({
      document,
      path,
      languageId,
      prefix,
      suffix,
      maxTokens,
      ...beside,
    });
    // Nobody waits for it, and what stands in its way will be told of by the completion that comes after it.
    await running.catch(() => undefined);
  }

  /** What the prompt shows beside the code. */
  private async beside(place: Place & { prefix: string; suffix: string }) {
    const [feedback, context] = await Promise.all([
      this.settings.recall ? this.hooks.recall(place) : null,
      this.hooks.context?.(place) ?? [],
    ]);
    return { feedback, context };
  }
}

/** @param time of `performance.now()` */
async function until(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
