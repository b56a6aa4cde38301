/** Capture's way to the store: redacts first, keeps the order, and never waits for the disk. */

import { yieldToEventLoop } from '../base/event-loop';
import type { CompletionRecord, FeedbackRecord, KeptRecord, OutcomeRecord } from '../store/records';
import type { FeedbackStore } from '../store/store';
import { UnknownCompletion } from '../store/tables/completions';
import type { NewEvent } from '../store/tables/events';
import { hasSecret, holdsSecret, redact } from '../workspace/redaction';
import type { CapturePolicy } from './policy';
import type { Derived } from './signals';

/** The event loop is given back after this much work, in ms. */
const MOST_MS = 10;

/** Called back about what was written. */
export interface CaptureListener {
  /** Completions whose rows changed. */
  onChanged?(completionIds: string[]): void;
  /** One sentence about what could not be captured. */
  log?(sentence: string): void;
}

export class RedactingStore {
  /** Redaction is asynchronous: one after the other keeps writes in the order they were made. */
  private chain: Promise<void> = Promise.resolve();
  private readonly writes = new Set<Promise<unknown>>();
  private yieldedAt = 0;
  /** Completions that must not be stored: they hold a secret, or were deleted. */
  private readonly refused = new Set<string>();

  constructor(
    private readonly store: FeedbackStore,
    private readonly policy: CapturePolicy,
    private readonly listener: CaptureListener,
  ) {}

  /**
   * Stores a completion unless its prompt or text holds a secret, or a part of one: `before` and `after` are what the document
   * holds above and below the prompt's window.
   */
  addCompletion(record: CompletionRecord, before = '', after = ''): void {
    this.enqueue(async () => {
      // The two sides are joined as they stand in the file; a secret may begin right at the cursor.
      const whole = `${record.prefix}${record.text}${record.suffix}`;
      if ((await holdsSecret(before, whole, after)) || (await hasSecret(record.path))) {
        this.refuse(record.id);
        return;
      }
      this.write(record.id, this.store.completions.insert(record));
    });
  }

  addOutcome(record: OutcomeRecord): void {
    this.later(record.completionId, async () => () => this.store.outcomes.insert(record));
  }

  addKept(completion: CompletionRecord, record: KeptRecord): void {
    this.later(record.completionId, async () => {
      const text = await this.clean(completion, record.text);
      return text === null ? null : () => this.store.kept.insert({ ...record, text });
    });
  }

  addFeedback(record: FeedbackRecord): void {
    this.later(record.completionId, async () => {
      const { text } = await redact(record.text, this.policy.folders);
      return () => this.store.feedback.insert({ ...record, text });
    });
  }

  putEvent({ record }: { record: CompletionRecord }, derived: Derived): void {
    this.later(record.id, async () => {
      const solution = derived.solution === null ? null : await this.clean(record, derived.solution);
      const secret = derived.solution !== null && solution === null;
      const words = await this.redacted(derived.words);
      const output = await this.redacted(derived.output);
      const event = eventOf(record, { ...derived, solution, words, output });
      if (secret) {
        Object.assign(event, { status: 'dropped', weight: 0, reason: 'The kept text holds a secret.' });
      }
      return () => this.store.events.put(event);
    });
  }

  /** A comment on a completion that is no longer followed: what its event holds already stays. */
  putComment(completionId: string, comment: string): void {
    this.later(completionId, async () => {
      const { text } = await redact(comment, this.policy.folders);
      return () => this.store.events.comment(completionId, text);
    });
  }

  /** Runs after what was asked for before it. */
  enqueue(work: () => Promise<void>): void {
    this.chain = this.chain
      .then(() => this.pauseBetween())
      .then(work)
      .catch((error: Error) => this.listener.log?.(error.message));
  }

  /** Redaction never waits for anything outside, so a long queue of it would hold up everything else. */
  private async pauseBetween(): Promise<void> {
    if (performance.now() - this.yieldedAt > MOST_MS) {
      await yieldToEventLoop();
      this.yieldedAt = performance.now();
    }
  }

  /** From here on nothing of this completion is written. */
  refuse(completionId: string): void {
    this.refused.add(completionId);
  }

  isRefused(completionId: string): boolean {
    return this.refused.has(completionId);
  }

  /** Resolves when all that was captured so far is on disk (true), or after `limitMs` (false: the database is away). */
  async flush(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), limitMs);
    });
    const done = await Promise.race([this.settled(), late]);
    clearTimeout(timer);
    return done;
  }

  private async settled(): Promise<true> {
    let chain: Promise<void>;
    do {
      chain = this.chain;
      await chain;
      await Promise.all(this.writes);
    } while (chain !== this.chain);
    return true;
  }

  /** What was kept of a completion, with the line ends that the model writes, where it holds no secret; null otherwise. */
  private async clean({ prefix, suffix }: CompletionRecord, text: string): Promise<string | null> {
    return (await holdsSecret(prefix, text, suffix)) ? null : text.replaceAll('\r\n', '\n');
  }

  private async redacted(text: string | null): Promise<string | null> {
    return text === null ? null : (await redact(text, this.policy.folders)).text;
  }

  /** `prepare` redacts, in its turn; the write it answers with is started but not waited for. */
  private later(completionId: string, prepare: () => Promise<(() => Promise<unknown>) | null>): void {
    this.enqueue(async () => {
      const write = this.refused.has(completionId) ? null : await prepare();
      if (write) {
        this.write(completionId, write());
      }
    });
  }

  private write(completionId: string, write: Promise<unknown>): void {
    const done = write
      .then(() => this.listener.onChanged?.([completionId]))
      .catch((error: Error) => {
        // Deleted in the meantime: nothing to write it to.
        if (!(error instanceof UnknownCompletion)) {
          this.listener.log?.(error.message);
        }
      })
      .finally(() => this.writes.delete(done));
    this.writes.add(done);
  }
}

function eventOf(record: CompletionRecord, derived: Derived): NewEvent {
  return {
    completionId: record.id,
    uri: record.uri,
    path: record.path,
    languageId: record.languageId,
    prefix: record.prefix,
    suffix: record.suffix,
    context: record.context,
    promptIds: record.promptIds,
    responseIds: record.responseIds,
    responseLogProbs: record.responseLogProbs,
    text: record.text,
    ...derived,
  };
}
