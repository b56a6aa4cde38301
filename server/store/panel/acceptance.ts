/** The acceptance chart's figures over time: read from tallies, never counted. */
import type { AcceptancePoint } from '../../protocol/types';
import type { Connection } from '../sqlite';

/** Buckets oldest first, at most `limit` counted back from the newest one; buckets in which nothing happened are left out. */
export async function selectAcceptance(
  db: Connection,
  bucketMs: number,
  limit: number,
): Promise<AcceptancePoint[]> {
  const width = bucketMs % 3_600_000 === 0 ? 3_600_000 : 60_000;
  const newest = await db.get<{ slot: number | null }>(
    'SELECT max(slot) AS slot FROM chart WHERE width = ?',
    width,
  );
  if (newest?.slot == null) {
    return [];
  }
  const last = Math.floor((newest.slot * width) / bucketMs);
  const rows = await db.all<{
    bucket: number;
    shown: number;
    accepted: number;
    kept_sum: number;
    kept_n: number;
  }>(
    `SELECT slot * ?1 / ?2 AS bucket, sum(shown) AS shown, sum(accepted) AS accepted, sum(kept_sum) AS kept_sum,
       sum(kept_n) AS kept_n FROM chart WHERE width = ?1 AND slot >= ?3 GROUP BY bucket HAVING sum(shown) > 0 ORDER BY bucket`,
    width,
    bucketMs,
    Math.floor(((last - limit + 1) * bucketMs) / width),
  );
  return rows.map((row) => ({
    at: row.bucket * bucketMs,
    shown: row.shown,
    accepted: row.accepted,
    keptRate: row.kept_n > 0 ? row.kept_sum / row.kept_n : null,
  }));
}
