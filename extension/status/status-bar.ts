/** The status bar item: what is going on, in one icon and a word; the tooltip says the rest in a sentence. */

import { commands, type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { ServerNotifications } from '../../server/protocol/messages';
import type { ServerStatus } from '../../server/protocol/types';
import type { Availability } from '../offers/availability';
import type { HindsightClient } from '../server/client';
import { NOTED_STAYS, notedWords } from './noted';
import { type State, stateOf } from './state';

/** Changes of figures alone wait until there was none for so long, in ms: until one stops typing. */
const QUIET_MS = 1_000;

export class StatusBar implements Disposable {
  private readonly item = window.createStatusBarItem('status', StatusBarAlignment.Right, 100);
  private readonly subscriptions: Disposable[];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failure: string | undefined;
  private quietHere: string | null = null;
  private learningSince: number | null = null;
  private notedTimer: ReturnType<typeof setTimeout> | undefined;
  /** The correction that was seen last, while its sign stands. */
  noted: ServerNotifications['hindsight/noted'] | null = null;
  /** The server's last status; undefined before its first one. */
  status: ServerStatus | undefined;

  constructor(
    private readonly client: HindsightClient,
    private readonly availability: Availability,
  ) {
    this.item.name = 'Hindsight';
    this.item.command = 'hindsight.showMenu';
    this.draw();
    this.item.show();
    this.subscriptions = [
      client.on('hindsight/statusChanged', (status) => this.take(status)),
      client.on('hindsight/noted', (noted) => this.acknowledge(noted)),
      client.onFailed((message) => this.fail(message)),
      availability.onChanged(() => this.lookAtDocument()),
      window.onDidChangeActiveTextEditor(() => this.lookAtDocument()),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.notedTimer);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.item.dispose();
  }

  get state(): State {
    const { status, failure, quietHere, learningSince, availability } = this;
    const { enabled, snoozedUntil } = availability;
    return stateOf({ status, failure, enabled, snoozedUntil, quietHere, learningSince, now: Date.now() });
  }

  private take(status: ServerStatus): void {
    const before = this.status;
    const shown = this.state;
    this.status = status;
    this.failure = undefined;
    if (status.activity !== 'training') this.learningSince = null;
    else this.learningSince ??= Date.now();
    // The server answers for documents once it is up.
    if (!before || before.activity === 'starting' || before.trusted !== status.trusted)
      void this.lookAtDocument();
    if (this.state.name === shown.name && before?.message === status.message) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.draw(), QUIET_MS);
    } else this.draw();
    if (before?.learningPaused !== status.learningPaused)
      commands.executeCommand('setContext', 'hindsight.learningPaused', status.learningPaused);
  }

  /** Why nothing is offered in the document in front, if so. */
  private async lookAtDocument(): Promise<void> {
    const document = window.activeTextEditor?.document;
    this.quietHere = document ? this.availability.whyNot(document) : null;
    this.draw();
    if (!document || this.quietHere !== null || !this.status || this.status.activity === 'starting') return;
    const uri = document.uri.toString();
    const reason = await this.client.request('hindsight/whyQuiet', { uri }).catch(() => null);
    if (window.activeTextEditor?.document !== document) return;
    this.quietHere = reason;
    this.draw();
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { name, text, sentence } = this.state;
    const words = this.noted && name !== 'broken' ? notedWords(this.noted) : null;
    this.item.text = words === null ? text : `$(check) ${words}`;
    this.item.accessibilityInformation = { label: `Hindsight: ${words ?? sentence}` };
    this.item.tooltip = tooltipOf(sentence, this.status, words);
    this.item.backgroundColor =
      name === 'broken' ? new ThemeColor('statusBarItem.errorBackground') : undefined;
  }

  private acknowledge(noted: ServerNotifications['hindsight/noted']): void {
    this.noted = noted;
    clearTimeout(this.notedTimer);
    this.notedTimer = setTimeout(() => this.forgetNoted(), NOTED_STAYS);
    this.draw();
  }

  /** The sign goes. */
  forgetNoted(): void {
    clearTimeout(this.notedTimer);
    this.noted = null;
    this.draw();
  }

  private fail(message: string): void {
    this.status = undefined;
    this.failure = message;
    this.learningSince = null;
    this.draw();
  }
}

function tooltipOf(sentence: string, status: ServerStatus | undefined, noted: string | null): MarkdownString {
  const tooltip = new MarkdownString();
  tooltip.appendMarkdown('**Hindsight**\n\n');
  if (noted !== null) {
    tooltip.appendText(`${noted[0]!.toUpperCase()}${noted.slice(1)}.`);
    tooltip.appendMarkdown(' [Undo](command:hindsight.undoNoted)\n\n');
    tooltip.isTrusted = { enabledCommands: ['hindsight.undoNoted'] };
  }
  tooltip.appendText(sentence);
  if (!status?.model) return tooltip;
  const learned = status.adapter === null ? 'as it came' : 'with what it learned here';
  tooltip.appendMarkdown('\n\n');
  tooltip.appendText(`Model: ${status.model} on ${status.device || 'no device'}, ${learned}`);
  return tooltip;
}
