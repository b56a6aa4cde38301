/** What a click on the status bar offers: what is going on, and what one may want to do about it. */

import { commands, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import type { ServerStatus } from '../../server/protocol/types';
import type { Availability } from '../offers/availability';
import type { State } from './state';

interface Entry extends QuickPickItem {
  run?: () => unknown;
}

/** Minutes that can be chosen. */
const SNOOZES = [5, 15, 60];
const WALKTHROUGH = 'hindsight.hindsight#start';

export async function showMenu(
  state: State,
  status: ServerStatus | undefined,
  availability: Availability,
  noted: string | null = null,
  /** How long a round will take, in words. */
  estimate: string | null = null,
): Promise<void> {
  const entries = [
    ...undo(noted),
    ...header(status),
    ...completions(availability),
    ...learning(status, estimate),
    ...more(),
  ];
  const choice = await window.showQuickPick<Entry>(entries, {
    title: 'Hindsight',
    placeHolder: state.sentence,
  });
  await choice?.run?.();
}

const group = (label: string): Entry => ({ label, kind: QuickPickItemKind.Separator });
const command = (label: string, name: string, description?: string): Entry => ({
  label,
  description,
  run: () => commands.executeCommand(`hindsight.${name}`),
});
const openSettings = (query: string) => commands.executeCommand('workbench.action.openSettings', query);

/** Of the correction that was seen last. */
const undo = (noted: string | null): Entry[] =>
  noted === null ? [] : [command('$(discard) Undo', 'undoNoted', noted)];

function header(status: ServerStatus | undefined): Entry[] {
  const model = status?.model ? `${status.model} on ${status.device}` : 'none yet';
  return [command('$(server-environment) Choose Model', 'chooseModel', `now: ${model}`)];
}

function completions(availability: Availability): Entry[] {
  const document = window.activeTextEditor?.document;
  const entries = [
    group('completions'),
    availability.enabled
      ? command('$(circle-slash) Turn Completions Off', 'toggleCompletions')
      : command('$(check) Turn Completions On', 'toggleCompletions'),
  ];
  if (document) {
    const { languageId } = document;
    const on = availability.isOnFor(languageId);
    entries.push({
      label: on ? `$(circle-slash) Turn Off for ${languageId}` : `$(check) Turn On for ${languageId}`,
      run: () => availability.setLanguage(languageId, !on),
    });
  }
  entries.push(
    availability.snoozedUntil === null
      ? command('$(bell-slash) Snooze…', 'snooze')
      : { label: '$(bell) End Snooze', run: () => availability.snooze(0) },
  );
  return entries;
}

function learning(status: ServerStatus | undefined, estimate: string | null): Entry[] {
  const entries = [group('learning')];
  const count = status?.readyEvents ?? 0;
  const corrections = count === 1 ? '1 correction to learn' : `${count} corrections to learn`;
  const what = estimate === null || count === 0 ? corrections : `${corrections}, ${estimate}`;
  entries.push(command('$(mortar-board) Train Now', 'trainNow', what));
  entries.push(
    status?.learningPaused
      ? command('$(debug-start) Resume Learning', 'resumeLearning')
      : command('$(debug-pause) Pause Learning', 'pauseLearning'),
  );
  if (status && status.adapter !== null) entries.push(command('$(discard) Roll Back', 'rollBack'));
  entries.push(
    command('$(history) Open Feedback Panel', 'openPanel'),
    command('$(comment) Comment on Last Completion', 'commentOnLastCompletion'),
    command('$(beaker) Run Tests', 'runTests'),
    command('$(wand) Make This Test Pass', 'makeTestPass'),
    command('$(edit) Show What You Expected', 'showExpected'),
  );
  return entries;
}

function more(): Entry[] {
  return [
    group('more'),
    { label: '$(gear) Settings', run: () => openSettings('@ext:hindsight.hindsight') },
    {
      label: '$(book) Walkthrough',
      run: () => commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH),
    },
    command('$(output) Show Log', 'showLog'),
    command('$(debug-restart) Restart Server', 'restartServer'),
  ];
}

/** Asks for how long, and is quiet for so long. */
export async function chooseSnooze(availability: Availability): Promise<void> {
  const choice = await window.showQuickPick(
    SNOOZES.map((minutes) => ({ label: minutes < 60 ? `${minutes} minutes` : 'an hour', minutes })),
    { title: 'Hindsight: no completions for', placeHolder: 'They come back by themselves' },
  );
  if (choice) availability.snooze(choice.minutes);
}
