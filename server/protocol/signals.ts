/**
 * The signals of the method (docs/method.md), one record each. What a signal means anywhere (on disk, in the panel, to the
 * teacher, to the scheduler) is read from its record, so that a signal that lacks something does not compile.
 */

/**
 * What a teacher may read, as lines `kind: text`. 'kept': the text that should have stood there; 'error': a diagnostic;
 * 'test': a failing test's output; 'words': the developer's comment. The embedded model was taught these words.
 */
export const FEEDBACK_KINDS = ['kept', 'error', 'test', 'words'] as const;
export type FeedbackKind = (typeof FEEDBACK_KINDS)[number];

export interface SignalRecord {
  /** Its bit in the database. A number that was given out stays with its signal for ever. */
  bit: number;
  /** For people. */
  label: string;
  /** Colour of its badge in the panel. */
  tone: 'bad' | 'good' | 'said' | 'changed' | 'plain';
  /**
   * What it says of the completion: 'correction' – another text should stand there; 'failure' – a run or a tool objects;
   * 'fix' – a correction ended the failure; 'comment' – the developer said something; 'replay' – nothing to learn, a row
   * that is trained on so that nothing else is forgotten.
   */
  role: 'correction' | 'failure' | 'fix' | 'comment' | 'replay';
  /** What the teacher reads of it. */
  teacher: readonly FeedbackKind[];
  /** Weight in [0, 1] of an event that has this signal alone. */
  weight: number;
  /** Weight where the completion was not even accepted, where that differs. */
  weightUnaccepted?: number;
  /** With a text to train on, this signal raises the event's weight to 1: it says why the text is better. */
  explains: boolean;
  /** Waits up to a day for a fix before it is learned from without one. */
  waits: boolean;
}

const records = {
  edited: {
    bit: 0,
    label: 'edited',
    tone: 'changed',
    role: 'correction',
    teacher: ['kept'],
    weight: 1,
    explains: true,
    waits: false,
  },
  'test-failed': {
    bit: 1,
    label: 'test failed',
    tone: 'bad',
    role: 'failure',
    teacher: ['test'],
    weight: 0.25,
    explains: true,
    waits: true,
  },
  'test-fixed': {
    bit: 2,
    label: 'test fixed',
    tone: 'good',
    role: 'fix',
    teacher: ['test', 'kept'],
    weight: 1,
    explains: true,
    waits: false,
  },
  diagnostic: {
    bit: 3,
    label: 'error reported',
    tone: 'bad',
    role: 'failure',
    teacher: ['error'],
    weight: 0.25,
    explains: true,
    waits: true,
  },
  'diagnostic-fixed': {
    bit: 4,
    label: 'error fixed',
    tone: 'good',
    role: 'fix',
    teacher: ['error', 'kept'],
    weight: 1,
    explains: true,
    waits: false,
  },
  'typed-otherwise': {
    bit: 5,
    label: 'typed otherwise',
    tone: 'changed',
    role: 'correction',
    teacher: ['kept'],
    weight: 0.5,
    weightUnaccepted: 0.4,
    explains: false,
    waits: false,
  },
  words: {
    bit: 6,
    label: 'words',
    tone: 'said',
    role: 'comment',
    teacher: ['words'],
    weight: 0.5,
    explains: true,
    waits: false,
  },
  thumbs: {
    bit: 7,
    label: 'thumbs',
    tone: 'said',
    role: 'comment',
    teacher: [],
    weight: 0,
    explains: false,
    waits: false,
  },
  kept: {
    bit: 8,
    label: 'kept',
    tone: 'plain',
    role: 'replay',
    teacher: [],
    weight: 0.1,
    explains: false,
    waits: false,
  },
} as const satisfies Record<string, SignalRecord>;

export type SignalKind = keyof typeof records;

export const SIGNALS: Readonly<Record<SignalKind, SignalRecord>> = records;

export const SIGNAL_KINDS = Object.keys(records) as SignalKind[];

/** Whether any of them has this role. */
export function hasRole(signals: readonly SignalKind[], role: SignalRecord['role']): boolean {
  return signals.some((signal) => SIGNALS[signal].role === role);
}

/** Whether there is nothing to learn from them: the text was kept as it was offered. */
export function isReplay(signals: readonly SignalKind[]): boolean {
  return signals.every((signal) => SIGNALS[signal].role === 'replay');
}

/** Whether one of them waits for a fix that is not there. */
export function isUnfixed(signals: readonly SignalKind[]): boolean {
  return signals.some((signal) => SIGNALS[signal].waits) && !hasRole(signals, 'fix');
}

/** Their weight together: the highest of them, or 1 where one of them says why the text to train on is better. */
export function weightOf(signals: readonly SignalKind[], hasText: boolean, accepted = true): number {
  const found = signals.map((signal) => SIGNALS[signal]);
  if (hasText && found.some(({ explains }) => explains)) return 1;
  return Math.max(0, ...found.map((one) => (accepted ? one.weight : (one.weightUnaccepted ?? one.weight))));
}
