/** What the developer decided about rules, and the corrections that rules are found among. */
import type { RuleScope, RuleState } from '../../protocol/rules';
import type { EventStatus } from '../../protocol/types';
import type { Database } from '../database';
import type { Connection } from '../sqlite';

export interface RuleDecision {
  key: string;
  state: RuleState;
  scope: RuleScope;
  /** Edited by the developer; null where not. */
  sentence: string | null;
  updatedAt: number;
  /** Events that were the rule's places when it was decided. */
  places: number[];
}

/** What a rule is found by, and its place. */
export interface StoredCorrection {
  id: number;
  completionId: string;
  createdAt: number;
  uri: string;
  path: string;
  line: number;
  languageId: string;
  /** The last of the code before the cursor. */
  prefix: string;
  text: string;
  solution: string;
  words: string | null;
  status: EventStatus;
  reason: string | null;
}

export class Rules {
  constructor(private readonly database: Database) {}

  decisions(): Promise<RuleDecision[]> {
    return this.database.read(selectDecisions);
  }

  /**
   * Stores a decision in the place of those it follows.
   * @param replaces keys of earlier decisions about the same rule under other forms
   */
  decide(decision: Omit<RuleDecision, 'updatedAt'>, replaces: readonly string[] = []): Promise<void> {
    const at = this.database.now();
    return this.database.writeNow((db) => putDecision(db, { ...decision, updatedAt: at }, replaces));
  }

  /**
   * Corrections, the newest first: what the developer wrote instead, whatever has become of it since.
   * @param before only those with a smaller id; null for the newest
   */
  corrections(before: number | null, limit: number): Promise<StoredCorrection[]> {
    return this.database.read((db) =>
      db.all<StoredCorrection>(
        `SELECT ${COLUMNS} WHERE ${IS_CORRECTION} AND (?1 IS NULL OR e.id < ?1) ORDER BY e.id DESC LIMIT ?2`,
        before,
        limit,
      ),
    );
  }

  /** The correction of a completion; null where there is none. */
  correctionOf(completionId: string): Promise<StoredCorrection | null> {
    return this.database.read(
      async (db) =>
        (await db.get<StoredCorrection>(
          `SELECT ${COLUMNS} WHERE ${IS_CORRECTION} AND c.id = ?`,
          completionId,
        )) ?? null,
    );
  }
}

/** Kept as offered weighs 0.1, and is no correction. */
const LEAST_CORRECTION = 0.2;
/** Rules are told by what stands near the cursor. */
const PREFIX = 2_000;

const COLUMNS = `e.id, c.id AS completionId, c.created_at AS createdAt, f.uri, f.path, c.line, c.language AS languageId,
  substr(b.prefix, -${PREFIX}) AS prefix, e.text, e.solution, e.words, e.status, e.reason
  FROM events e JOIN completions c ON c.seq = e.seq JOIN files f ON f.id = c.file JOIN bodies b ON b.seq = e.seq`;

const IS_CORRECTION = `e.solution IS NOT NULL AND e.weight >= ${LEAST_CORRECTION} AND e.status <> 'dropped'`;

interface DecisionRow {
  key: string;
  state: RuleState;
  scope: RuleScope;
  sentence: string | null;
  updated_at: number;
  places: string;
}

async function selectDecisions(db: Connection): Promise<RuleDecision[]> {
  const rows = await db.all<DecisionRow>(
    `SELECT r.*, (SELECT json_group_array(p.event) FROM rule_places p WHERE p.key = r.key) AS places
       FROM rules r ORDER BY r.updated_at`,
  );
  return rows.map(({ updated_at, places, ...row }) => ({
    ...row,
    updatedAt: updated_at,
    places: JSON.parse(places) as number[],
  }));
}

async function putDecision(db: Connection, one: RuleDecision, replaces: readonly string[]): Promise<void> {
  const gone = JSON.stringify([...replaces, one.key]);
  await db.run('DELETE FROM rules WHERE key IN (SELECT value FROM json_each(?))', gone);
  await db.run(
    'INSERT INTO rules(key, state, scope, sentence, updated_at) VALUES(?, ?, ?, ?, ?)',
    one.key,
    one.state,
    one.scope,
    one.sentence,
    one.updatedAt,
  );
  // One that was deleted meanwhile is no place of it any more.
  await db.run(
    'INSERT INTO rule_places(key, event) SELECT ?1, id FROM events WHERE id IN (SELECT value FROM json_each(?2))',
    one.key,
    JSON.stringify(one.places),
  );
}
