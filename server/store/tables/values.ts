/** Loose values by key: what all windows share. */
import type { Database } from '../database';
import type { Connection } from '../sqlite';

export class Values {
  constructor(private readonly database: Database) {}

  get(key: string): Promise<string | null> {
    return this.database.read((db) => selectValue(db, key));
  }

  set(key: string, value: string): Promise<void> {
    return this.database.write((db) => putValue(db, key, value), 200 + 2 * value.length);
  }
}

async function selectValue(db: Connection, key: string): Promise<string | null> {
  return (await db.get<{ value: string }>('SELECT value FROM settings WHERE key = ?', key))?.value ?? null;
}

export async function putValue(db: Connection, key: string, value: string): Promise<void> {
  await db.run(
    'INSERT INTO settings(key, value) VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    key,
    value,
  );
}
