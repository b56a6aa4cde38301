/** A feedback store that a command was pointed to. Nothing is created, moved or migrated that is not one. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { Connection } from '../store/sqlite';
import { type FeedbackStore, openStore } from '../store/store';
import { UsageError } from './outcome';

const MAGIC = 'SQLite format 3\0';
/** Offset of `PRAGMA user_version` in SQLite's file header: a store's schema, from 1. */
const VERSION_AT = 60;
const HEADER_BYTES = 100;
const BUSY_MS = 5_000;

/** @throws UsageError with one sentence where there is no store at that path */
export async function openExistingStore(path: string): Promise<FeedbackStore> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`There is no store at ${path}.`);
  if (!found.isFile()) throw new UsageError(`${path} is not a file; name the store's database file.`);
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new UsageError(`${path} is not an SQLite database; name the store's database file.`);
  }
  if (header.readUInt32BE(VERSION_AT) === 0 && !(await hasSchemaInLog(path))) {
    throw new UsageError(
      `${path} is a database, but not one of Hindsight's; name the store's database file.`,
    );
  }
  return openStore(path);
}

/** A young store, or one whose server was killed, may have its schema in the write-ahead log alone. */
async function hasSchemaInLog(path: string): Promise<boolean> {
  if (!statSync(`${path}-wal`, { throwIfNoEntry: false })?.size) return false;
  const db = await Connection.open(path, BUSY_MS);
  try {
    const row = await db.get<{ user_version: number }>('PRAGMA user_version');
    return (row?.user_version ?? 0) > 0;
  } finally {
    await db.close();
  }
}
