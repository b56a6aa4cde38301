/** Everything that is known of one completion. */
import type { Confidence, EventStory, OutcomeKind, SignalKind, TokenAdvantage } from '../../protocol/types';
import type { Connection } from '../sqlite';
import { FROM, SUMMARY, type SummaryRow, toSummary } from './summary';

type StoryRow = SummaryRow & {
  prefix: string;
  suffix: string;
  adapter: number | null;
  model_hash: string;
  latency_ms: number;
  gates: string | null;
};

export async function selectStory(db: Connection, completionId: string): Promise<EventStory | null> {
  const row = await db.get<StoryRow>(
    `SELECT ${SUMMARY}, b.prefix, b.suffix, b.adapter, b.model_hash, b.latency_ms, e.gates ${FROM} WHERE c.id = ?`,
    completionId,
  );
  if (!row) {
    return null;
  }
  const outcomes = await db.all<{ kind: OutcomeKind; confidence: Confidence; at: number }>(
    'SELECT kind, confidence, at FROM outcomes WHERE seq = ? ORDER BY at, rowid',
    row.seq,
  );
  const kept = await db.all<{ at: number; reason: string; text: string; distance: number }>(
    'SELECT at, reason, text, distance FROM kept WHERE seq = ? ORDER BY at, rowid',
    row.seq,
  );
  const feedback = await db.all<{ kind: SignalKind; at: number; text: string }>(
    'SELECT kind, at, text FROM feedback WHERE seq = ? ORDER BY at, rowid',
    row.seq,
  );
  const advantages = await db.get<{ round: number | null; context: string; tokens: string }>(
    'SELECT round, context, tokens FROM advantages WHERE seq = ? ORDER BY rowid DESC LIMIT 1',
    row.seq,
  );
  return {
    ...toSummary(row),
    prefix: row.prefix,
    suffix: row.suffix,
    adapter: row.adapter,
    modelHash: row.model_hash,
    latencyMs: row.latency_ms,
    outcomes,
    kept: kept.map((k) => ({
      at: k.at,
      afterMs: k.at - row.created_at,
      reason: k.reason,
      text: k.text,
      editDistance: k.distance,
    })),
    feedback,
    gate: row.gates ? (JSON.parse(row.gates) as EventStory['gate']) : [],
    advantages:
      (advantages && {
        roundId: advantages.round,
        context: advantages.context,
        tokens: JSON.parse(advantages.tokens) as TokenAdvantage[],
      }) ||
      null,
  };
}
