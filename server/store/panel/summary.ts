/** One completion as a row of the panel's list. */
import type { Confidence, EventStatus, EventSummary, OutcomeKind } from '../../protocol/types';
import { signalsOf } from '../codec';

export interface SummaryRow {
  seq: number;
  id: string;
  created_at: number;
  uri: string;
  path: string;
  language: string;
  line: number;
  text: string;
  outcome: string;
  confidence: Confidence | null;
  kept_text: string | null;
  signals: number;
  status: string;
  reason: string | null;
}

export function toSummary(row: SummaryRow): EventSummary {
  return {
    completionId: row.id,
    createdAt: row.created_at,
    uri: row.uri,
    path: row.path,
    languageId: row.language,
    line: row.line,
    text: row.text,
    outcome: (row.outcome || null) as OutcomeKind | null,
    confidence: row.confidence,
    keptText: row.kept_text,
    signals: signalsOf(row.signals),
    status: (row.status || null) as EventStatus | null,
    reason: row.reason,
  };
}

export const SUMMARY = `c.seq, c.id, c.created_at, f.uri, f.path, c.language, c.line, b.text, c.outcome, c.confidence,
  -- What was typed after a refusal is no kept text, and what the event teaches.
  COALESCE(b.kept_text, e.solution) AS kept_text, c.signals, c.status, e.reason`;
export const FROM = `FROM completions c JOIN files f ON f.id = c.file JOIN bodies b ON b.seq = c.seq
  LEFT JOIN events e ON e.seq = c.seq`;
