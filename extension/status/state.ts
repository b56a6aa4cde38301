/** What Hindsight is doing and, where nothing is shown, why: one state with its icon, its words and one sentence. Knows nothing of the editor. */

import type { ServerStatus } from '../../server/protocol/types';

export type StateName =
  | 'broken'
  | 'loading'
  | 'learning'
  | 'off'
  | 'snoozed'
  | 'quiet'
  | 'paused'
  | 'thinking'
  | 'ready';

export interface Situation {
  /** The server's last status; undefined before its first one. */
  status: ServerStatus | undefined;
  /** Why the server is not there; undefined where it is. */
  failure: string | undefined;
  /** Setting `hindsight.completions.enabled`. */
  enabled: boolean;
  /** ms since the epoch; null where nobody asked for quiet. */
  snoozedUntil: number | null;
  /** Why nothing is offered in the document in front; null where something may be. */
  quietHere: string | null;
  /** When the running round was first seen, ms since the epoch; null where none runs. */
  learningSince: number | null;
  now: number;
}

export interface State {
  name: StateName;
  /** Icon and words for the status bar. */
  text: string;
  /** One sentence: what it does, or why it does nothing. */
  sentence: string;
}

/** The first that holds is shown: what is broken before what was asked for, and that before what is going on. */
export function stateOf(situation: Situation): State {
  const { status, failure, enabled, snoozedUntil, quietHere, now } = situation;
  if (failure !== undefined) return state('broken', '$(error) Hindsight', failure);
  if (!status || status.activity === 'starting')
    return state('loading', '$(loading~spin) Hindsight', 'The model is loading.');
  if (status.activity === 'error') return state('broken', '$(error) Hindsight', status.message);
  if (status.activity === 'training') return learning(situation, status);
  if (!enabled)
    return state(
      'off',
      '$(circle-slash) Hindsight off',
      'Completions are off. Toggle Completions turns them on.',
    );
  if (snoozedUntil !== null && snoozedUntil > now) {
    const minutes = Math.ceil((snoozedUntil - now) / 60_000);
    return state('snoozed', '$(bell-slash) Hindsight', `Snoozed for ${minutes} more min.`);
  }
  if (quietHere !== null) return state('quiet', '$(circle-slash) Hindsight', quietHere);
  if (status.learningPaused || status.activity === 'paused')
    return state('paused', '$(debug-pause) Hindsight', 'Completions work; learning is paused.');
  if (status.activity === 'completing')
    return state('thinking', '$(pulse) Hindsight', 'Thinking of a completion.');
  return ready(status);
}

function learning({ learningSince, now }: Situation, { progress = 0, message }: ServerStatus): State {
  const percent = Math.round(progress * 100);
  const elapsed = learningSince === null ? 0 : now - learningSince;
  // Before a tenth is done the rate says nothing.
  const left =
    progress >= 0.1 && progress < 1 ? `, about ${inWords((elapsed * (1 - progress)) / progress)} left` : '';
  return state(
    'learning',
    `$(mortar-board) Hindsight: learning ${percent} %`,
    `Learning, ${percent} % done${left}. ${message}`.trim(),
  );
}

function ready({ readyEvents, trusted }: ServerStatus): State {
  if (!trusted)
    return state(
      'ready',
      '$(history) Hindsight',
      'Completions work; this workspace is not trusted, so nothing is stored or learned.',
    );
  if (readyEvents === 0) return state('ready', '$(history) Hindsight', 'Ready. Nothing new to learn yet.');
  const corrections = `${readyEvents} correction${readyEvents === 1 ? '' : 's'}`;
  return state('ready', `$(history) Hindsight: ${corrections} to learn`, `Ready. ${corrections} to learn.`);
}

const state = (name: StateName, text: string, sentence: string): State => ({ name, text, sentence });

/** A time to wait, as one says it. @param milliseconds more than 0 */
export function inWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 90) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  return `${Math.round(seconds / 60)} min`;
}
