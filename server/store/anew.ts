/**
 * Everything is deleted at once and in small steps. At once: one short transaction sets all tables aside under other names and
 * makes empty ones, so that every window sees an empty store, or, where the process dies before its commit, a full one. In
 * small steps: the rows of what was set aside are overwritten a few at a time, so that nobody's writes wait. Indexes keep
 * their names, so the new tables get theirs when the old ones are gone.
 */
import { Pace, pending, STEP_MS, setPending } from './small-steps';
import type { Connection } from './sqlite';

/** Begins the names of tables that were set aside. */
const GONE = 'gone_';
/** What is kept: settings, and who may do what. */
const KEPT = "('settings', 'leases')";
/** SQL of the indexes that the new tables do not have yet, as JSON. */
const INDEXES = 'data.indexes';
const FIRST_ROWS = 64;
const MOST_ROWS = 8_192;

const SET_ASIDE = `name GLOB '${GONE}[0-9]*'`;

interface Named {
  name: string;
  sql: string;
}

/**
 * Empties the database inside the caller's transaction, which takes the same time however many rows there are. Numbers
 * already given out stay, so that no number comes twice. What was set aside is left to `Clearing`.
 */
export async function startAnew(db: Connection): Promise<void> {
  // In the order in which they were made: what is referred to comes first.
  const found = (type: string) =>
    db.all<Named>(
      `SELECT name, sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
         AND NOT tbl_name GLOB '${GONE}[0-9]*' AND tbl_name NOT IN ${KEPT} ORDER BY rowid`,
      type,
    );
  const [tables, triggers, indexes] = [await found('table'), await found('trigger'), await found('index')];
  const numbers = await db.all<{ name: string; seq: number }>(
    `SELECT name, seq FROM sqlite_sequence WHERE NOT ${SET_ASIDE}`,
  );
  const last = await db.get<{ n: number }>(
    `SELECT coalesce(max(CAST(substr(name, ${GONE.length + 1}) AS INTEGER)), 0) AS n FROM sqlite_schema WHERE ${SET_ASIDE}`,
  );
  // With those that an earlier deletion has not put back yet.
  await setPending(db, INDEXES, [...(await pending<Named>(db, INDEXES)), ...indexes]);
  await db.exec(
    [
      ...triggers.map(({ name }) => `DROP TRIGGER ${name}`),
      ...tables.map(({ name }) => `ALTER TABLE ${name} RENAME TO ${GONE}${last!.n + 1}_${name}`),
      ...[...tables, ...triggers].map(({ sql }) => sql),
      '',
    ].join(';\n'),
  );
  for (const { name, seq } of numbers)
    await db.run('INSERT INTO sqlite_sequence(name, seq) VALUES(?, ?)', name, seq);
}

/** Takes what was set aside out of the file. Any number of processes may do so at once. */
export class Clearing {
  private readonly pace = new Pace(FIRST_ROWS, MOST_ROWS);
  /** Whether there was anything. */
  found = false;

  /**
   * One small step, inside the caller's transaction.
   * @returns whether there are more
   */
  async step(db: Connection): Promise<boolean> {
    const began = performance.now();
    while (performance.now() - began < STEP_MS) {
      // The last one first: what refers to others goes before them.
      const table = await db.get<{ name: string }>(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND ${SET_ASIDE} ORDER BY rowid DESC LIMIT 1`,
      );
      if (!table) {
        await giveIndexes(db);
        return false;
      }
      this.found = true;
      await this.piece(db, table.name);
    }
    return true;
  }

  /** An index, or some rows; the table with its last rows. */
  private async piece(db: Connection, table: string): Promise<void> {
    const index = await db.get<{ name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL LIMIT 1",
      table,
    );
    if (index) {
      // First of all: otherwise each row that goes would change a page of it somewhere else.
      await db.exec(`DROP INDEX ${index.name}`);
      return;
    }
    const began = performance.now();
    const key = await db.all<{ name: string }>(
      'SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk',
      table,
    );
    const { rows } = this.pace;
    const columns = key.map(({ name }) => name).join(', ') || 'rowid';
    const { changes } = await db.run(
      `DELETE FROM ${table} WHERE (${columns}) IN (SELECT ${columns} FROM ${table} LIMIT ${rows})`,
    );
    if (changes < rows) await db.exec(`DROP TABLE ${table}`);
    this.pace.took(performance.now() - began);
  }
}

/** All steps at once, where nobody waits. */
export async function clearAll(db: Connection): Promise<void> {
  const clearing = new Clearing();
  for (let more = true; more; ) {
    await db.exec('BEGIN IMMEDIATE');
    try {
      more = await clearing.step(db);
      await db.exec('COMMIT');
    } catch (error) {
      await db.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

async function giveIndexes(db: Connection): Promise<void> {
  const indexes = await pending<Named>(db, INDEXES);
  for (const { name, sql } of indexes) {
    const there = await db.get("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?", name);
    if (!there) await db.exec(sql);
  }
  if (indexes.length > 0) await setPending(db, INDEXES, []);
}
