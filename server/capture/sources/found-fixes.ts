/**
 * Corrections of weight 1 that need no watching: a fix that was searched for and taken, and what the developer says that they
 * expected at a place.
 */
import { randomUUID } from 'node:crypto';
import type { CompletionRecord } from '../../store/records';
import type { Clock } from '../clock';
import type { CapturePolicy } from '../policy';
import type { RedactingStore } from '../redacting-store';
import type { Derived } from '../signals';

/** The place with the window of code around it, as completions are stored. */
export type FixPlace = Pick<
  CompletionRecord,
  'uri' | 'path' | 'languageId' | 'line' | 'character' | 'prefix' | 'suffix' | 'modelHash'
>;

export class FoundFixes {
  constructor(
    private readonly out: RedactingStore,
    private readonly policy: CapturePolicy,
    private readonly clock: Clock,
  ) {}

  /** @returns false where nothing may be stored of this file */
  taken(place: FixPlace, fix: { failing: string; passing: string; failure: string }): Promise<boolean> {
    return this.store(place, fix.failing, {
      solution: fix.passing,
      output: fix.failure,
      signals: ['test-failed', 'test-fixed'],
    });
  }

  /**
   * What should have been offered at a place.
   * @param offered what was, '' for nothing
   * @returns false where nothing may be stored of this file
   */
  expected(place: FixPlace, text: string, offered: string): Promise<boolean> {
    return this.store(place, offered, { solution: text, output: null, signals: ['edited'] });
  }

  private async store(
    place: FixPlace,
    text: string,
    correction: Pick<Derived, 'solution' | 'output' | 'signals'>,
  ): Promise<boolean> {
    if (!this.policy.trusted || (await this.policy.checkExcluded(place.uri))) return false;
    const record: CompletionRecord = {
      ...place,
      id: randomUUID(),
      createdAt: this.clock.now(),
      // No completion of this model was kept: training makes the ids from the text.
      promptIds: [],
      responseIds: [],
      responseLogProbs: [],
      text,
      adapter: null,
      latencyMs: 0,
    };
    this.out.addCompletion(record);
    this.out.putEvent({ record }, { ...correction, words: null, weight: 1, status: 'ready', reason: null });
    return true;
  }
}
