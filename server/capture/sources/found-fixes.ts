/** A fix that was searched for and taken: the failing text, the passing one and the failure are a correction of weight 1. */
import { randomUUID } from 'node:crypto';
import type { CompletionRecord } from '../../store/records';
import type { Clock } from '../clock';
import type { CapturePolicy } from '../policy';
import type { RedactingStore } from '../redacting-store';

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
  async taken(place: FixPlace, fix: { failing: string; passing: string; failure: string }): Promise<boolean> {
    if (!this.policy.trusted || (await this.policy.checkExcluded(place.uri))) return false;
    const record: CompletionRecord = {
      ...place,
      id: randomUUID(),
      createdAt: this.clock.now(),
      // No completion of this model was kept: training makes the ids from the text.
      promptIds: [],
      responseIds: [],
      responseLogProbs: [],
      text: fix.failing,
      adapter: null,
      latencyMs: 0,
    };
    this.out.addCompletion(record);
    this.out.putEvent(
      { record },
      {
        solution: fix.passing,
        output: fix.failure,
        words: null,
        signals: ['test-failed', 'test-fixed'],
        weight: 1,
        status: 'ready',
        reason: null,
      },
    );
    return true;
  }
}
