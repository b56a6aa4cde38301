/**
 * The table of signals (docs/method.md) as one pure function: what is known of a completion, to the learning event it makes.
 */
import { SIGNALS, type SignalKind, weightOf } from '../protocol/signals';
import type { EventStatus } from '../protocol/types';
import { editDistance } from './edit-distance';
import { isCommentedOut, isMechanical } from './edits/mechanical';
import { type EditSource, SHARES, shareOf } from './edits/sources';
import { evidenceOf } from './evidence';

/** Kept texts nearer or further than this are no correction of the completion. */
export const NEAREST = 0.02;
export const FURTHEST = 0.7;
/** How long a failure waits for its fix, in ms. */
export const FIX_MS = 24 * 3_600_000;

export interface Failure {
  /** Normalised test output, or the diagnostic's message. */
  text: string;
  at: number;
  /** When the same command was green again after the span had changed; null while it is not. */
  fixedAt: number | null;
}

/** What is known of one completion at a moment. Times in ms since the epoch. */
export interface Facts {
  /** The accepted text, or the offered one where it was rejected. */
  text: string;
  accepted: boolean;
  /** Of the offered text's tokens, in nats; empty where they are not known. */
  logProbs: readonly number[];
  /** The accepted text as formatters, renames and undo have left it: what the developer's edits are measured against. */
  baseline: string;
  languageId: string;
  /** What stands there now (accepted), or was typed instead up to the end of the line (rejected). */
  current: string;
  /** Where the changes of the text came from, those of undo, format, rename and checkout left out. */
  edits: Readonly<Record<EditSource, number>>;
  lastEditAt: number;
  /** The document is on disk as it is in the editor. */
  saved: boolean;
  failure: Failure | null;
  diagnostic: Failure | null;
  /** What the developer said about it. */
  comments: string | null;
  /** It has stood unchanged long enough to count as kept. */
  kept: boolean;
  /** Why nothing can be learned from it; null where it can. */
  ambiguous: string | null;
  /** Why a test failure was not counted (flaky, several could have caused it); the reason where there is no other signal. */
  doubt: string | null;
  now: number;
  settleMs: number;
  /** Train Now: what is edited and saved counts at once. */
  force: boolean;
}

export interface Derived {
  solution: string | null;
  output: string | null;
  words: string | null;
  signals: SignalKind[];
  weight: number;
  status: EventStatus;
  reason: string | null;
}

/** The learning event these facts make; null where nothing was learned. */
export function derive(facts: Facts): Derived | null {
  const signals = new Set<SignalKind>();
  const { failure, diagnostic, comments, accepted, languageId } = facts;
  const current = unix(facts.current);
  const baseline = accepted ? unix(facts.baseline) : facts.text;
  const distance = accepted ? editDistance(baseline, current) : 1;
  const fixed = Boolean(failure?.fixedAt || diagnostic?.fixedAt);
  // A comma or a quote that ends an error was no matter of form.
  const mechanical = !fixed && isMechanical(baseline, current, languageId);
  const other = current.trim() !== '' && current.trim() !== baseline.trim() && !mechanical;
  const owned = Object.values(facts.edits).some((count) => count > 0);
  // What was typed may be the offered text after all, and go on behind it.
  const typed = !accepted && other && !current.trimStart().startsWith(facts.text.trim());
  const edited = accepted && owned && !mechanical && distance >= NEAREST && distance <= FURTHEST;
  // Taken and then written anew: no edit of the offer any more, but what the developer wanted in its place.
  const rewritten = accepted && owned && distance > FURTHEST && other;
  const solution = edited || typed || rewritten ? facts.current : null;
  if (edited) {
    signals.add('edited');
  }
  if (typed || rewritten) {
    signals.add('typed-otherwise');
  }
  if (failure) {
    signals.add('test-failed');
  }
  if (failure?.fixedAt && solution !== null) {
    signals.add('test-fixed');
  }
  if (diagnostic) {
    signals.add('diagnostic');
  }
  if (diagnostic?.fixedAt && solution !== null) {
    signals.add('diagnostic-fixed');
  }
  if (comments) {
    signals.add('words');
  }
  const output = [failure?.text, diagnostic?.text].filter(Boolean).join('\n') || null;
  const event = (weight: number, status: EventStatus, reason: string | null): Derived => ({
    solution,
    output,
    words: comments,
    signals: [...signals],
    weight,
    status,
    reason,
  });
  if (facts.ambiguous && (signals.size > 0 || (owned && !mechanical))) {
    return event(0, 'dropped', facts.ambiguous);
  }
  if (signals.size === 0 && facts.doubt) {
    signals.add('test-failed');
    return event(0, 'dropped', facts.doubt);
  }
  if (signals.size === 0) {
    return facts.kept && isKept(facts) ? keptEvent(facts) : null;
  }
  const told = signals.size > 1;
  const evidence = typed && !told ? evidenceOf(facts.text, facts.logProbs, current) : 1;
  if (evidence === 0) {
    return event(0, 'dropped', 'An unlikely offer, and little of it in what was typed: no correction of it.');
  }
  const share = solution === null ? SHARES.typed : shareOf(facts.edits);
  return typed
    ? event(
        evidence * share.weight * weightOf([...signals], true, false),
        facts.saved ? 'ready' : 'waiting',
        facts.saved ? share.note : 'It is not saved yet.',
      )
    : rate();

  function rate(): Derived {
    const open = [failure, diagnostic].filter((x): x is Failure => x !== null && x.fixedAt === null);
    if (solution !== null) {
      const wait = waitFor(facts, open);
      return event(
        share.weight * weightOf([...signals], true),
        wait ? 'waiting' : 'ready',
        wait ?? share.note,
      );
    }
    if (comments) {
      return event(weightOf([...signals], false), 'ready', null);
    }
    const newest = Math.max(...open.map((x) => x.at), 0);
    if (open.length === 0) {
      const why = 'The failure went away without a change to the completion.';
      return event(0, 'dropped', why);
    }
    const late = facts.now - newest >= FIX_MS;
    return event(
      weightOf([...signals], false),
      late ? 'ready' : 'waiting',
      late ? null : 'It waits up to a day for a fix.',
    );
  }
}

/** Why an edit does not count yet; null where it does. */
function waitFor(facts: Facts, open: Failure[]): string | null {
  if (!facts.saved) {
    return 'The edit is not saved yet.';
  }
  if (facts.force || facts.failure?.fixedAt) {
    return null;
  }
  if (facts.now - facts.lastEditAt < facts.settleMs) {
    return 'The edit has not settled yet.';
  }
  const failing = open.some((x) => facts.now - x.at < FIX_MS);
  return failing ? 'It still fails; it waits up to a day for the fix.' : null;
}

/** Whether the accepted text stands there as it was offered. */
function isKept({ accepted, text, current, languageId }: Facts): boolean {
  return (
    accepted &&
    editDistance(unix(text), unix(current)) < NEAREST &&
    !isCommentedOut(unix(text), unix(current), languageId)
  );
}

function unix(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** Kept as offered: a row for the replay pool, not a lesson. */
function keptEvent(facts: Facts): Derived {
  return {
    solution: facts.current,
    output: null,
    words: null,
    signals: ['kept'],
    weight: SIGNALS.kept.weight,
    status: 'waiting',
    reason: 'Kept as it was offered: a replay row, not a lesson.',
  };
}
