/** What the panel asks of the database. */
import type { AcceptancePoint, EventFilter, EventStory, EventSummary } from '../../protocol/types';
import type { Database } from '../database';
import { selectAcceptance } from './acceptance';
import { selectPage } from './list';
import { selectStory } from './story';

export class PanelQueries {
  constructor(private readonly database: Database) {}

  /** Completions that pass the filter, newest first; `total` counts them all, `languages` are those of all completions. */
  list(
    filter: EventFilter,
    offset: number,
    limit: number,
  ): Promise<{ total: number; events: EventSummary[]; languages: string[] }> {
    return this.database.read((db) => selectPage(db, filter, offset, limit));
  }

  /** Everything that is known of one completion; null where it is not stored. */
  story(completionId: string): Promise<EventStory | null> {
    return this.database.read((db) => selectStory(db, completionId));
  }

  /** Buckets oldest first, at most `limit` counted back from the newest one; empty ones are left out. */
  acceptance(bucketMs: number, limit: number): Promise<AcceptancePoint[]> {
    return this.database.read((db) => selectAcceptance(db, bucketMs, limit));
  }
}
