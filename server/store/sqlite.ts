/** The one door to SQLite. Nothing else imports sqlite3; the native binary is loaded on the first `open`. */
import type { Database, RunResult } from 'sqlite3';

export type Value = string | number | null | Buffer;

/** What went wrong, in one sentence for the developer, and what kind of trouble it is. */
export class StoreError extends Error {
  constructor(
    message: string,
    /** 'away': may pass by itself (locked, full, read-only). 'corrupt': the file is damaged. 'fatal': needs a person. */
    readonly kind: 'away' | 'corrupt' | 'fatal',
  ) {
    super(message);
    this.name = 'StoreError';
  }
}

const AWAY = new Set([
  'BUSY',
  'LOCKED',
  'FULL',
  'READONLY',
  'IOERR',
  'CANTOPEN',
  'NOMEM',
  'PROTOCOL',
  'PERM',
  'ABORT',
  'INTERRUPT',
  // Of a connection that was closed while a statement was on its way.
  'MISUSE',
]);
const CORRUPT = new Set(['CORRUPT', 'NOTADB']);

/** Sorts an error of SQLite; null where it is the statement's own fault (a constraint, a wrong type). */
export function troubleOf(error: unknown): 'away' | 'corrupt' | 'fatal' | null {
  if (error instanceof StoreError) {
    return error.kind;
  }
  const code = String((error as { code?: unknown })?.code ?? '').replace(/^SQLITE_/, '');
  return AWAY.has(code) ? 'away' : CORRUPT.has(code) ? 'corrupt' : null;
}

/** One sentence: which file, what is wrong, what to do. */
export function sentenceFor(error: unknown, path: string): string {
  if (error instanceof StoreError) {
    return error.message;
  }
  const code = String((error as { code?: unknown })?.code ?? '').replace(/^SQLITE_/, '');
  const why: Record<string, string> = {
    BUSY: 'is locked by another program; close it if it does not let go',
    LOCKED: 'is locked by another program; close it if it does not let go',
    FULL: 'cannot grow because the disk is full; free some space',
    READONLY: 'is read-only; make it and its folder writable',
    CANTOPEN: 'cannot be opened; make its folder exist and be writable',
    PERM: 'may not be opened; make it and its folder writable',
    IOERR: 'could not be read or written; check the disk',
    CORRUPT: 'is damaged',
    NOTADB: 'is not a database',
  };
  return `The feedback database ${path} ${why[code] ?? `failed (${(error as Error)?.message ?? error})`}.`;
}

/** A connection with promises. Statements run one after the other in the order of the calls. */
export class Connection {
  private constructor(private readonly db: Database) {}

  /**
   * Opens or creates the file. `busyMs` is how long a statement waits for another process' lock.
   * @throws StoreError 'fatal' where the native module is missing; SQLite's own error otherwise.
   */
  static open(path: string, busyMs: number): Promise<Connection> {
    const sqlite = load();
    return new Promise((resolve, reject) => {
      const db = new sqlite.Database(path, (error) => {
        if (error) {
          reject(error);
          return;
        }
        db.configure('busyTimeout', busyMs);
        db.serialize();
        resolve(new Connection(db));
      });
      // Without a listener a late error would end the process; each call's promise carries it already.
      db.on('error', () => undefined);
    });
  }

  run(sql: string, ...values: Value[]): Promise<{ id: number; changes: number }> {
    return new Promise((resolve, reject) => {
      this.db.run(sql, values, function (this: RunResult, error: Error | null) {
        error ? reject(error) : resolve({ id: this.lastID, changes: this.changes });
      });
    });
  }

  get<Row>(sql: string, ...values: Value[]): Promise<Row | undefined> {
    return new Promise((resolve, reject) => {
      this.db.get<Row>(sql, values, (error, row) => (error ? reject(error) : resolve(row)));
    });
  }

  all<Row>(sql: string, ...values: Value[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.db.all<Row>(sql, values, (error, rows) => (error ? reject(error) : resolve(rows)));
    });
  }

  /** Several statements, no parameters. */
  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.db.exec(sql, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.db.close(() => resolve()));
  }
}

function load(): typeof import('sqlite3') {
  try {
    return require('sqlite3') as typeof import('sqlite3');
  } catch (error) {
    const first = String((error as Error).message).split('\n')[0];
    throw new StoreError(
      `Feedback cannot be stored because the native module sqlite3 does not load (${first}): ` +
        'reinstall the extension built for this platform, or run "npm rebuild sqlite3" in a checkout.',
      'fatal',
    );
  }
}
