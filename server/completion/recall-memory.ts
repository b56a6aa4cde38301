import type { LearningEvent } from '../feedback/types';
import { CorrectionIndex } from './recall';

/** What the memory reads of the store. */
interface CorrectionSource {
  listEvents(
    filter: { status: LearningEvent['status'] },
    offset: number,
    limit: number,
  ): Promise<{ events: { completionId: string }[] }>;
  learningEvents(query: { statuses: LearningEvent['status'][]; limit: number }): Promise<LearningEvent[]>;
  learningEventOf(completionId: string): Promise<LearningEvent | null>;
}

const MOST = 4000;
/** Waiting events looked at, the newest: most of them are texts that were kept as offered, and those never end. */
const MOST_WAITING = 400;

/** Keeps the index in step with the store: corrections enter when they are made and leave once they are distilled. */
export class RecallMemory {
  private readonly index = new CorrectionIndex();

  constructor(private readonly store: CorrectionSource) {}

  /** Reads every correction that no adapter holds yet. */
  async load(): Promise<void> {
    this.index.clear();
    for (const event of await this.store.learningEvents({ statuses: ['ready'], limit: MOST }))
      this.put(event);
    const { events } = await this.store.listEvents({ status: 'waiting' }, 0, MOST_WAITING);
    await this.refresh(events.map(({ completionId }) => completionId).reverse());
  }

  /** These completions changed. */
  async refresh(completionIds: readonly string[]): Promise<void> {
    for (const id of completionIds) {
      const event = await this.store.learningEventOf(id);
      if (event) this.put(event);
    }
  }

  /** Teacher context for a place, or null where no correction is near. */
  recall(place: { languageId: string; prefix: string }): string | null {
    return this.index.recall(place);
  }

  private put(event: LearningEvent): void {
    const open = event.status === 'ready' || event.status === 'waiting';
    if (!open || event.solution === null || event.weight < LEAST_WEIGHT) {
      this.index.remove(event.id);
      return;
    }
    this.index.add({
      id: event.id,
      languageId: event.languageId,
      path: event.path,
      prefix: event.prefix,
      suffix: event.suffix,
      solution: event.solution,
    });
  }
}

/** Kept as offered has a weight of 0.1 and is no correction. */
const LEAST_WEIGHT = 0.3;
