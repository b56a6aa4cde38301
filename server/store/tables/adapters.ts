/** Adapters: which exist, which one is in use, and which have learned from given events. */
import type { Database } from '../database';
import type { AdapterRecord } from '../records';
import type { Connection } from '../sqlite';
import { markRolledBack } from './events';
import { firstLearnedIn } from './rounds';

/** An adapter must not be used: what it learned from is deleted. */
export class DeletedMeanwhile extends Error {
  constructor() {
    super('Not used: feedback that this round had learned from was deleted while it ran.');
    this.name = 'DeletedMeanwhile';
  }
}

export class Adapters {
  constructor(private readonly database: Database) {}

  insert(record: Omit<AdapterRecord, 'id' | 'active'>): Promise<number> {
    return this.database.writeNow((db) => insertAdapter(db, record));
  }

  /**
   * Stores the adapter of a round and puts it in use, in one go.
   * @param eventIds what it was trained on
   * @throws DeletedMeanwhile where one of them has been deleted since, in this window or another; nothing is stored then
   */
  register(record: Omit<AdapterRecord, 'id' | 'active'>, eventIds: readonly number[]): Promise<number> {
    return this.database.writeNow((db) => registerAdapter(db, record, eventIds));
  }

  /**
   * Gives a model the adapters that are registered under the hash it had in earlier versions, which said nothing of its
   * weights: those made since its files last changed, for they were trained on these.
   *
   * @param since when that was, in milliseconds since 1970
   * @returns whether an older one was in use: it no longer is
   */
  takeOver(formerHash: string, modelHash: string, since: number): Promise<boolean> {
    return this.database.writeNow((db) => takeOverAdapters(db, formerHash, modelHash, since));
  }

  /** Of every model, oldest first. */
  all(): Promise<AdapterRecord[]> {
    return this.database.read(selectAllAdapters);
  }

  /** Makes it the one in use for its model; null puts every model back on its base. */
  activate(id: number | null): Promise<void> {
    return this.database.writeNow((db) => activateAdapter(db, id));
  }

  /**
   * Takes an adapter out of use, and marks what only it had learned as rolled back, in one go: a server that is killed
   * meanwhile leaves both or neither.
   * @param previous the adapter that is used from now on; null for the model's base
   * @returns completions whose event was marked
   */
  rollBack(adapter: AdapterRecord, previous: number | null): Promise<string[]> {
    const at = this.database.now();
    return this.database.writeNow(async (db) => {
      const completions = await firstLearnedIn(db, adapter.roundId);
      await markRolledBack(db, completions, at);
      if (previous === null) await useBase(db, adapter.modelHash);
      else await activateAdapter(db, previous);
      return completions;
    });
  }

  /** Puts one model back on its base; the adapters of others stay in use. */
  useBase(modelHash: string): Promise<void> {
    return this.database.writeNow((db) => useBase(db, modelHash));
  }

  active(modelHash: string): Promise<AdapterRecord | null> {
    return this.database.read((db) => selectActive(db, modelHash));
  }

  /** Oldest first. */
  list(modelHash: string): Promise<AdapterRecord[]> {
    return this.database.read((db) => selectAdapters(db, modelHash));
  }
}

interface AdapterRow {
  id: number;
  created_at: number;
  round: number;
  model_hash: string;
  hash: string;
  directory: string;
  parent: number | null;
  active: number;
}

function toAdapter(row: AdapterRow): AdapterRecord {
  return {
    id: row.id,
    createdAt: row.created_at,
    roundId: row.round,
    modelHash: row.model_hash,
    hash: row.hash,
    directory: row.directory,
    parent: row.parent,
    active: row.active === 1,
  };
}

async function insertAdapter(db: Connection, a: Omit<AdapterRecord, 'id' | 'active'>): Promise<number> {
  const added = await db.run(
    'INSERT INTO adapters(created_at, round, model_hash, hash, directory, parent) VALUES(?, ?, ?, ?, ?, ?)',
    a.createdAt,
    a.roundId,
    a.modelHash,
    a.hash,
    a.directory,
    a.parent,
  );
  return added.id;
}

async function registerAdapter(
  db: Connection,
  record: Omit<AdapterRecord, 'id' | 'active'>,
  eventIds: readonly number[],
): Promise<number> {
  const found = await db.get<{ n: number }>(
    'SELECT count(*) AS n FROM events WHERE id IN (SELECT value FROM json_each(?))',
    JSON.stringify(eventIds),
  );
  if (found!.n < new Set(eventIds).size) {
    throw new DeletedMeanwhile();
  }
  const id = await insertAdapter(db, record);
  await activateAdapter(db, id);
  return id;
}

async function activateAdapter(db: Connection, id: number | null): Promise<void> {
  if (id === null) {
    await db.run('UPDATE adapters SET active = 0 WHERE active = 1');
    return;
  }
  const set = await db.run(
    `UPDATE adapters SET active = (id = ?1) WHERE model_hash = (SELECT model_hash FROM adapters WHERE id = ?1)`,
    id,
  );
  if (set.changes === 0) {
    throw new Error(`There is no adapter ${id}.`);
  }
}

async function useBase(db: Connection, modelHash: string): Promise<void> {
  await db.run('UPDATE adapters SET active = 0 WHERE active = 1 AND model_hash = ?', modelHash);
}

async function takeOverAdapters(
  db: Connection,
  formerHash: string,
  modelHash: string,
  since: number,
): Promise<boolean> {
  if (formerHash === modelHash) return false;
  const inUse = await selectActive(db, modelHash);
  await db.run(
    'UPDATE adapters SET model_hash = ?, active = active * ? WHERE model_hash = ? AND created_at >= ?',
    modelHash,
    inUse ? 0 : 1,
    formerHash,
    since,
  );
  const left = await db.run('UPDATE adapters SET active = 0 WHERE model_hash = ? AND active = 1', formerHash);
  return left.changes > 0;
}

async function selectAdapters(db: Connection, modelHash: string): Promise<AdapterRecord[]> {
  const rows = await db.all<AdapterRow>('SELECT * FROM adapters WHERE model_hash = ? ORDER BY id', modelHash);
  return rows.map(toAdapter);
}

async function selectActive(db: Connection, modelHash: string): Promise<AdapterRecord | null> {
  const row = await db.get<AdapterRow>(
    'SELECT * FROM adapters WHERE model_hash = ? AND active = 1',
    modelHash,
  );
  return row ? toAdapter(row) : null;
}

/**
 * Adapters whose round, or the round of one they grew from, read an event of the completions in the temporary table
 * `doomed(seq)`. Oldest first.
 */
export async function selectTainted(db: Connection): Promise<AdapterRecord[]> {
  const rows = await db.all<AdapterRow>(`
    WITH RECURSIVE tainted(id) AS (
      SELECT a.id FROM adapters a WHERE a.round IN (
        SELECT r.round FROM doomed d JOIN events e ON e.seq = d.seq JOIN round_events r ON r.event = e.id)
      UNION SELECT a.id FROM adapters a JOIN tainted t ON a.parent = t.id)
    SELECT * FROM adapters WHERE id IN tainted ORDER BY id`);
  return rows.map(toAdapter);
}

export async function selectAllAdapters(db: Connection): Promise<AdapterRecord[]> {
  return (await db.all<AdapterRow>('SELECT * FROM adapters ORDER BY id')).map(toAdapter);
}
