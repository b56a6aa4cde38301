import type { LearningEvent } from '../store/records';
import { type Correction, CorrectionIndex, RECALLED } from './recall';

/** What the memory reads of the store. */
interface CorrectionSource {
  events: {
    list(query: { statuses: LearningEvent['status'][]; limit: number }): Promise<LearningEvent[]>;
    of(completionId: string): Promise<LearningEvent | null>;
  };
  panel: {
    list(
      filter: { status: LearningEvent['status'] },
      offset: number,
      limit: number,
    ): Promise<{ events: { completionId: string }[] }>;
  };
}

/** Nothing is taken from them. */
const GONE: ReadonlySet<LearningEvent['status']> = new Set(['dropped', 'rolled-back']);
const MOST = 4000;
/** Waiting events looked at, the newest: most of them are texts that were kept as offered, and those never end. */
const MOST_WAITING = 400;
/** Distilled events whose texts are read, the newest. */
const MOST_TRAINED = 200;
/** Texts held; kept texts that guesses are copied from, and how much of the code before each goes along. */
const MOST_TEXTS = 1000;
/** Of the nearest corrections, so many are looked at for those that count. */
const NEAR_LOOKED_AT = 12;
const KEPT = 60;
const KEPT_BEFORE = 80;

/** Keeps the index in step with the store: corrections enter when they are made and leave once they are distilled. */
export class RecallMemory {
  private readonly index = new CorrectionIndex();
  /** Every correction, also those that an adapter holds by now: text that was written once is written again. */
  private readonly texts = new Map<number, { languageId: string; text: string }>();

  constructor(private readonly store: CorrectionSource) {}

  /** Reads every correction: those that no adapter holds yet are recalled, all lend their text. */
  async load(): Promise<void> {
    this.index.clear();
    this.texts.clear();
    await this.readNewest('trained', MOST_TRAINED);
    for (const event of await this.store.events.list({ statuses: ['ready'], limit: MOST })) this.put(event);
    await this.readNewest('waiting', MOST_WAITING);
  }

  private async readNewest(status: LearningEvent['status'], most: number): Promise<void> {
    const { events } = await this.store.panel.list({ status }, 0, most);
    await this.refresh(events.map(({ completionId }) => completionId).reverse());
  }

  /** These completions changed. */
  async refresh(completionIds: readonly string[]): Promise<void> {
    for (const id of completionIds) {
      const event = await this.store.events.of(id);
      if (event) this.put(event);
    }
  }

  /** Teacher context for a place, or null where no correction is near. */
  recall(place: { languageId: string; prefix: string }): string | null {
    return this.index.recall(place);
  }

  /**
   * What would be recalled at a place, best first.
   * @param counts whether a correction is one of those that may be
   */
  near(place: { languageId: string; prefix: string }, counts: (eventId: number) => boolean): Correction[] {
    return this.index
      .search(place, NEAR_LOOKED_AT)
      .filter(({ id }) => counts(id))
      .slice(0, RECALLED);
  }

  /** The latest texts kept in a language, each with the code just before it, the newest last. */
  kept(languageId: string): string[] {
    const all = [...this.texts.values()].filter((one) => one.languageId === languageId);
    return all.slice(-KEPT).map((one) => one.text);
  }

  private put(event: LearningEvent): void {
    this.texts.delete(event.id);
    if (event.solution !== null && event.weight >= LEAST_WEIGHT && !GONE.has(event.status)) {
      const text = event.prefix.slice(-KEPT_BEFORE) + event.solution;
      this.texts.set(event.id, { languageId: event.languageId, text });
      if (this.texts.size > MOST_TEXTS) this.texts.delete(this.texts.keys().next().value as number);
    }
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
