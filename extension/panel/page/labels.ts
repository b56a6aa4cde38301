/** The words and numbers that the panel shows for what the server sends. */

import { SIGNAL_KINDS, SIGNALS, type SignalKind } from '../../../server/protocol/signals';
import type { EventStatus, OutcomeKind, RoundSummary } from '../../../server/protocol/types';

export const SIGNAL_LABELS = Object.fromEntries(
  SIGNAL_KINDS.map((kind) => [kind, SIGNALS[kind].label]),
) as Record<SignalKind, string>;

export const OUTCOMES: Record<OutcomeKind, string> = {
  shown: 'shown',
  accepted: 'taken',
  'accepted-partially': 'taken in part',
  'typed-through': 'typed through',
  rejected: 'refused',
  ignored: 'passed over',
  superseded: 'replaced by another',
};

/** When the kept text was looked at. */
export const SNAPSHOTS: Record<string, string> = {
  '30s': 'after 30 s',
  '2min': 'after 2 min',
  '10min': 'after 10 min',
  save: 'at save',
  close: 'when the file was closed',
  train: 'when training was asked for',
};

export const THUMBS: Record<string, string> = {
  '+1': 'thumb up: this was good',
  '-1': 'thumb down: this was not good',
};

export const STATUSES: Record<EventStatus, string> = {
  waiting: 'waiting',
  ready: 'ready to learn',
  'gated-out': 'set aside',
  dropped: 'nothing to learn',
  trained: 'learned',
  'held-out': 'kept for checking',
  'rolled-back': 'rolled back',
};

export const ROUNDS: Record<RoundSummary['state'], string> = {
  running: 'running',
  promoted: 'in use',
  'kept-insufficient-evidence': 'in use, hardly checked',
  rejected: 'not used',
  cancelled: 'cancelled',
  failed: 'failed',
  'rolled-back': 'rolled back',
};

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The clock for today, the day and the clock for before. */
export function when(at: number): string {
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  return today ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`;
}

export function exactly(at: number): string {
  return full.format(new Date(at));
}

/** Milliseconds as a reader would say them. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = seconds / 60;
  return minutes < 100 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 60)} h`;
}

/** A number with its sign; the minus is a minus. */
export function signed(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 ? '−' : '+'}${text}`;
}

export function figure(value: number | null): string {
  if (value === null) return '–';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 0.001 || magnitude >= 1e6)) return value.toExponential(2);
  return Number(value.toPrecision(4)).toString().replace('-', '−');
}

export function percent(value: number): string {
  return `${(100 * value).toFixed(value > 0 && value < 0.0995 ? 1 : 0)} %`;
}

/** A probability from its logarithm. */
export function probability(logProb: number): string {
  const value = Math.exp(logProb);
  return value < 0.001 ? value.toExponential(1) : percent(value);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Tokens by which a model says that it has ended: `<|endoftext|>`, `</s>`, `<eos>`, and what begins another file. */
const END =
  /^<[|｜]?(?:\/s|eos|eot|end|endoftext|end▁of▁sentence|end_of_text|end_of_turn|im_end|eot_id|fim_pad|file_sep|file_separator|repo_name|cursor)[|｜]?>$/i;

/** White space made visible where it would not be seen; the model's own marks in words. */
export function visible(token: string): string {
  if (END.test(token)) return 'end';
  return token.replaceAll('\n', '↵').replaceAll('\t', '→').replaceAll(' ', '·') || '∅';
}
