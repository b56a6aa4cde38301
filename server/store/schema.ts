/** The database's schema, as numbered steps. A step that has shipped is never edited; a new one is appended. */
import { clearAll } from './anew';
import type { Connection } from './sqlite';
import { StoreError } from './sqlite';

/** Completions a tally row covers; see panel/list.ts. Part of the schema: a change needs a migration. */
export const BLOCK = 2048;

/**
 * `completions` is narrow on purpose: the panel walks it, while prompts and ids lie in `bodies`. The tally tables are kept by
 * triggers, so that counting and jumping to an offset cost the same at a million rows as at a thousand.
 */
const first = `
CREATE TABLE files(
  id INTEGER PRIMARY KEY, uri TEXT NOT NULL, path TEXT NOT NULL, language TEXT NOT NULL, UNIQUE(uri, language));
CREATE TABLE completions(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
  file INTEGER NOT NULL REFERENCES files(id), language TEXT NOT NULL, line INTEGER NOT NULL,
  outcome TEXT NOT NULL DEFAULT '', confidence TEXT, outcome_at INTEGER NOT NULL DEFAULT 0,
  shown INTEGER NOT NULL DEFAULT 0, accepted INTEGER NOT NULL DEFAULT 0, kept_rate REAL,
  signals INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT '');
CREATE INDEX completions_file ON completions(file);
CREATE TABLE bodies(
  seq INTEGER PRIMARY KEY REFERENCES completions(seq) ON DELETE CASCADE, character INTEGER NOT NULL,
  text TEXT NOT NULL, kept_text TEXT, kept_at INTEGER, model_hash TEXT NOT NULL, adapter INTEGER, latency_ms REAL NOT NULL,
  prefix TEXT NOT NULL, suffix TEXT NOT NULL, prompt_ids BLOB NOT NULL, response_ids BLOB NOT NULL, log_probs BLOB NOT NULL);
CREATE TABLE outcomes(
  seq INTEGER NOT NULL REFERENCES completions(seq) ON DELETE CASCADE, kind TEXT NOT NULL, confidence TEXT NOT NULL,
  at INTEGER NOT NULL, accepted_length INTEGER);
CREATE INDEX outcomes_seq ON outcomes(seq);
CREATE TABLE kept(
  seq INTEGER NOT NULL REFERENCES completions(seq) ON DELETE CASCADE, at INTEGER NOT NULL, reason TEXT NOT NULL,
  text TEXT NOT NULL, distance REAL NOT NULL);
CREATE INDEX kept_seq ON kept(seq);
CREATE TABLE feedback(
  seq INTEGER NOT NULL REFERENCES completions(seq) ON DELETE CASCADE, kind TEXT NOT NULL, at INTEGER NOT NULL,
  text TEXT NOT NULL);
CREATE INDEX feedback_seq ON feedback(seq);
CREATE TABLE events(
  id INTEGER PRIMARY KEY AUTOINCREMENT, seq INTEGER NOT NULL UNIQUE REFERENCES completions(seq) ON DELETE CASCADE,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, text TEXT NOT NULL, solution TEXT, output TEXT, words TEXT,
  signals INTEGER NOT NULL, weight REAL NOT NULL, status TEXT NOT NULL, reason TEXT, gates TEXT);
CREATE INDEX events_status ON events(status, id);
CREATE TABLE advantages(
  seq INTEGER NOT NULL REFERENCES completions(seq) ON DELETE CASCADE, round INTEGER, context TEXT NOT NULL,
  tokens TEXT NOT NULL);
CREATE INDEX advantages_seq ON advantages(seq);
CREATE TABLE rounds(
  id INTEGER PRIMARY KEY AUTOINCREMENT, started_at INTEGER NOT NULL, summary TEXT NOT NULL);
CREATE TABLE round_events(
  round INTEGER NOT NULL REFERENCES rounds(id) ON DELETE CASCADE,
  event INTEGER NOT NULL REFERENCES events(id) ON DELETE CASCADE, PRIMARY KEY(round, event)) WITHOUT ROWID;
CREATE INDEX round_events_event ON round_events(event);
CREATE TABLE adapters(
  id INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL, round INTEGER NOT NULL, model_hash TEXT NOT NULL,
  hash TEXT NOT NULL, directory TEXT NOT NULL, parent INTEGER, active INTEGER NOT NULL DEFAULT 0);
CREATE TABLE leases(name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE tally(
  block INTEGER, language TEXT, outcome TEXT, status TEXT, signals INTEGER, n INTEGER NOT NULL,
  PRIMARY KEY(block, language, outcome, status, signals)) WITHOUT ROWID;
CREATE TABLE file_tally(
  file INTEGER, block INTEGER, outcome TEXT, status TEXT, signals INTEGER, n INTEGER NOT NULL,
  PRIMARY KEY(file, block, outcome, status, signals)) WITHOUT ROWID;
CREATE TABLE event_counts(status TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE chart(
  width INTEGER, slot INTEGER, shown INTEGER NOT NULL, accepted INTEGER NOT NULL, kept_sum REAL NOT NULL,
  kept_n INTEGER NOT NULL, PRIMARY KEY(width, slot)) WITHOUT ROWID;
`;

/** Adds `sign` times the row `r` (new or old) to the tallies. */
function tallies(r: 'new' | 'old', sign: 1 | -1): string {
  const block = `${r}.seq / ${BLOCK}`;
  const key = `${r}.outcome, ${r}.status, ${r}.signals, ${sign}`;
  const empties =
    sign < 0
      ? `DELETE FROM tally WHERE block = ${block} AND language = ${r}.language AND outcome = ${r}.outcome
           AND status = ${r}.status AND signals = ${r}.signals AND n <= 0;
         DELETE FROM file_tally WHERE file = ${r}.file AND block = ${block} AND outcome = ${r}.outcome
           AND status = ${r}.status AND signals = ${r}.signals AND n <= 0;`
      : '';
  return `INSERT INTO tally VALUES(${block}, ${r}.language, ${key}) ON CONFLICT DO UPDATE SET n = n + (${sign});
    INSERT INTO file_tally VALUES(${r}.file, ${block}, ${key}) ON CONFLICT DO UPDATE SET n = n + (${sign});
    ${empties}`;
}

/** The same for the tally of all files alone. */
function tally(r: 'new' | 'old', sign: 1 | -1): string {
  const block = `${r}.seq / ${BLOCK}`;
  return `INSERT INTO tally VALUES(${block}, ${r}.language, ${r}.outcome, ${r}.status, ${r}.signals, ${sign})
      ON CONFLICT DO UPDATE SET n = n + (${sign});
    ${
      sign < 0
        ? `DELETE FROM tally WHERE block = ${block} AND language = ${r}.language AND outcome = ${r}.outcome
             AND status = ${r}.status AND signals = ${r}.signals AND n <= 0;`
        : ''
    }`;
}

/** Chart slots a minute and an hour wide, so that a chart over a year reads few rows; none is left of what was deleted. */
function chart(r: 'new' | 'old', sign: 1 | -1): string {
  const one = (width: number) => `
    INSERT INTO chart VALUES(${width}, ${r}.created_at / ${width}, ${sign} * ${r}.shown, ${sign} * ${r}.accepted,
      ${sign} * coalesce(${r}.kept_rate, 0), ${sign} * (${r}.kept_rate IS NOT NULL))
    ON CONFLICT DO UPDATE SET shown = shown + excluded.shown, accepted = accepted + excluded.accepted,
      kept_sum = kept_sum + excluded.kept_sum, kept_n = kept_n + excluded.kept_n;
    ${
      sign < 0
        ? `DELETE FROM chart WHERE width = ${width} AND slot = ${r}.created_at / ${width} AND shown <= 0
             AND accepted <= 0 AND kept_n <= 0;`
        : ''
    }`;
  return one(60_000) + one(3_600_000);
}

const triggers = `
CREATE TRIGGER completions_in AFTER INSERT ON completions BEGIN ${tallies('new', 1)} ${chart('new', 1)} END;
CREATE TRIGGER completions_out AFTER DELETE ON completions BEGIN ${tallies('old', -1)} ${chart('old', -1)} END;
CREATE TRIGGER completions_tally AFTER UPDATE OF outcome, status, signals ON completions BEGIN
  ${tallies('old', -1)} ${tallies('new', 1)} END;
CREATE TRIGGER completions_chart AFTER UPDATE OF shown, accepted, kept_rate ON completions BEGIN
  ${chart('old', -1)} ${chart('new', 1)} END;
CREATE TRIGGER events_in AFTER INSERT ON events BEGIN
  INSERT INTO event_counts VALUES(new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1; END;
CREATE TRIGGER events_out AFTER DELETE ON events BEGIN
  UPDATE event_counts SET n = n - 1 WHERE status = old.status; END;
CREATE TRIGGER events_move AFTER UPDATE OF status ON events BEGIN
  UPDATE event_counts SET n = n - 1 WHERE status = old.status;
  INSERT INTO event_counts VALUES(new.status, 1) ON CONFLICT DO UPDATE SET n = n + 1; END;
`;

/** A path filter may name half of all files: how often each file occurs by block, and by kind, apart from each other. */
function fileTallies(r: 'new' | 'old', sign: 1 | -1): string {
  const kind = `file = ${r}.file AND outcome = ${r}.outcome AND status = ${r}.status AND signals = ${r}.signals`;
  return `INSERT INTO file_kinds VALUES(${r}.file, ${r}.outcome, ${r}.status, ${r}.signals, ${sign})
      ON CONFLICT DO UPDATE SET n = n + (${sign});
    ${sign < 0 ? `DELETE FROM file_kinds WHERE ${kind} AND n <= 0;` : ''}`;
}

function fileBlocks(r: 'new' | 'old', sign: 1 | -1): string {
  const block = `${r}.seq / ${BLOCK}`;
  return `INSERT INTO file_blocks VALUES(${r}.file, ${block}, ${sign}) ON CONFLICT DO UPDATE SET n = n + (${sign});
    ${sign < 0 ? `DELETE FROM file_blocks WHERE file = ${r}.file AND block = ${block} AND n <= 0;` : ''}`;
}

const second = `
DROP TRIGGER completions_in; DROP TRIGGER completions_out; DROP TRIGGER completions_tally; DROP TABLE file_tally;
CREATE TABLE file_kinds(
  file INTEGER, outcome TEXT, status TEXT, signals INTEGER, n INTEGER NOT NULL,
  PRIMARY KEY(file, outcome, status, signals)) WITHOUT ROWID;
CREATE TABLE file_blocks(file INTEGER, block INTEGER, n INTEGER NOT NULL, PRIMARY KEY(file, block)) WITHOUT ROWID;
INSERT INTO file_kinds SELECT file, outcome, status, signals, count(*) FROM completions GROUP BY 1, 2, 3, 4;
INSERT INTO file_blocks SELECT file, seq / ${BLOCK}, count(*) FROM completions GROUP BY 1, 2;
CREATE TRIGGER completions_in AFTER INSERT ON completions BEGIN
  ${tally('new', 1)} ${fileTallies('new', 1)} ${fileBlocks('new', 1)} ${chart('new', 1)} END;
CREATE TRIGGER completions_out AFTER DELETE ON completions BEGIN
  ${tally('old', -1)} ${fileTallies('old', -1)} ${fileBlocks('old', -1)} ${chart('old', -1)} END;
CREATE TRIGGER completions_tally AFTER UPDATE OF outcome, status, signals ON completions BEGIN
  ${tally('old', -1)} ${tally('new', 1)} ${fileTallies('old', -1)} ${fileTallies('new', 1)} END;
`;

/**
 * `learned` tells what a round put into its adapter from what it merely read (an event that was edited meanwhile). `code`
 * is 0 once a completion's text and prompt are gone; the narrow index holds the rows that will lose theirs.
 */
const third = `
ALTER TABLE round_events ADD COLUMN learned INTEGER NOT NULL DEFAULT 1;
ALTER TABLE completions ADD COLUMN code INTEGER NOT NULL DEFAULT 1;
CREATE INDEX completions_age ON completions(created_at);
CREATE INDEX completions_unseen ON completions(created_at)
  WHERE code = 1 AND status = '' AND signals = 0 AND outcome IN ('', 'superseded', 'ignored');
`;

/** What the prompt showed besides the file, as JSON of the parts; '' for nothing. */
const fourth = `
ALTER TABLE bodies ADD COLUMN context TEXT NOT NULL DEFAULT '';
`;

/**
 * What the developer decided about a rule, and the corrections that it had then: they tell which rule it is once its form has
 * changed. A rule whose corrections are all gone goes too: its form quotes them.
 */
const fifth = `
CREATE TABLE rules(
  key TEXT PRIMARY KEY, state TEXT NOT NULL, scope TEXT NOT NULL, sentence TEXT, updated_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE rule_places(
  key TEXT NOT NULL REFERENCES rules(key) ON DELETE CASCADE,
  event INTEGER NOT NULL REFERENCES events(id) ON DELETE CASCADE, PRIMARY KEY(key, event)) WITHOUT ROWID;
CREATE INDEX rule_places_event ON rule_places(event);
CREATE TRIGGER rule_places_out AFTER DELETE ON rule_places BEGIN
  DELETE FROM rules WHERE key = old.key AND NOT EXISTS(SELECT 1 FROM rule_places WHERE key = old.key); END;
`;

/** Exported for the test that upgrades an old database. */
export const steps: readonly string[] = [first + triggers, second, third, fourth, fifth];

/** The schema version this code writes. */
export const SCHEMA_VERSION = steps.length;

/**
 * Brings the database to this code's version, one transaction a step; safe when two processes start at once.
 * @throws StoreError 'fatal' where a newer version wrote it; the file is then untouched.
 */
export async function migrate(db: Connection, path: string, upTo: readonly string[] = steps): Promise<void> {
  for (;;) {
    const found = await refuseNewer(db, path, upTo);
    if (found === upTo.length) {
      return;
    }
    // Steps know the tables of an undisturbed database; on an unfinished deletion they would find others.
    if (found > 0) await clearAll(db);
    await db.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have taken this step while we waited for its lock.
      if ((await version(db)) === found) {
        await db.exec(upTo[found]!);
        await db.exec(`PRAGMA user_version = ${found + 1}`);
      }
      await db.exec('COMMIT');
    } catch (error) {
      await db.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** The schema version found. Asked before any pragma that writes. */
export async function refuseNewer(
  db: Connection,
  path: string,
  known: readonly string[] = steps,
): Promise<number> {
  const found = await version(db);
  if (found > known.length) {
    throw new StoreError(
      `The feedback database ${path} was written by a newer version of Hindsight (schema ${found}, this one knows ` +
        `${known.length}); update the extension. Nothing in it was changed.`,
      'fatal',
    );
  }
  return found;
}

async function version(db: Connection): Promise<number> {
  return (await db.get<{ user_version: number }>('PRAGMA user_version'))!.user_version;
}
