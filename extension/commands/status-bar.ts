/** The status bar item: what is going on, in one icon and a word; the tooltip says the rest. */

import { commands, type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { ServerStatus } from '../../server/protocol/types';
import type { HindsightClient } from '../server/client';

/** Changes of figures alone wait until there was none for so long, in ms: until one stops typing. */
const QUIET_MS = 1_000;

export class StatusBar implements Disposable {
  private readonly item = window.createStatusBarItem('status', StatusBarAlignment.Right, 100);
  private readonly subscriptions: Disposable[];
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The server's last status; undefined before its first one. */
  status: ServerStatus | undefined;

  constructor(client: HindsightClient) {
    this.item.name = 'Hindsight';
    this.item.command = 'hindsight.showMenu';
    this.item.text = '$(loading~spin) Hindsight';
    this.item.tooltip = 'Hindsight is starting.';
    this.item.show();
    this.subscriptions = [
      client.on('hindsight/statusChanged', (status) => this.show(status)),
      client.onFailed((message) => this.fail(message)),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.item.dispose();
  }

  private show(status: ServerStatus): void {
    const before = this.status;
    this.status = status;
    const quiet = before?.activity === status.activity && before.message === status.message;
    if (quiet && textOf(before) === textOf(status)) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.draw(), QUIET_MS);
    } else this.draw();
    if (before?.learningPaused !== status.learningPaused)
      commands.executeCommand('setContext', 'hindsight.learningPaused', status.learningPaused);
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const status = this.status!;
    this.item.text = textOf(status);
    this.item.accessibilityInformation = { label: `Hindsight: ${status.message || status.activity}` };
    this.item.tooltip = tooltipOf(status);
    this.item.backgroundColor =
      status.activity === 'error' ? new ThemeColor('statusBarItem.errorBackground') : undefined;
  }

  private fail(message: string): void {
    // Whatever comes next is drawn anew.
    clearTimeout(this.timer);
    this.timer = undefined;
    this.status = undefined;
    this.item.text = '$(error) Hindsight';
    this.item.tooltip = message;
    this.item.backgroundColor = new ThemeColor('statusBarItem.errorBackground');
  }
}

/** Icon and words, as the status bar shows them. */
export function textOf(status: ServerStatus): string {
  switch (status.activity) {
    case 'starting':
      return '$(loading~spin) Hindsight';
    case 'completing':
      return '$(pulse) Hindsight';
    case 'training':
      return `$(mortar-board) Hindsight: learning ${Math.round((status.progress ?? 0) * 100)} %`;
    case 'paused':
      return '$(debug-pause) Hindsight';
    case 'error':
      return '$(error) Hindsight';
    case 'idle':
      if (status.learningPaused) return '$(debug-pause) Hindsight';
      return status.readyEvents > 0 ? `$(history) Hindsight ${status.readyEvents}` : '$(history) Hindsight';
  }
}

function tooltipOf(status: ServerStatus): MarkdownString {
  const lines = [
    '**Hindsight**',
    status.message,
    `Model: ${status.model || 'none'} on ${status.device || '–'}`,
    `Adapter: ${status.adapter === null ? 'none yet' : `number ${status.adapter}`}`,
    `${status.completions} completions stored, ${status.readyEvents} ready to learn from`,
  ];
  if (status.learningPaused) lines.push('Learning is paused.');
  if (!status.trusted) lines.push('This workspace is not trusted: nothing is stored or learned.');
  const tooltip = new MarkdownString();
  for (const line of lines.filter(Boolean)) {
    if (line.startsWith('**')) tooltip.appendMarkdown(line);
    else tooltip.appendText(line);
    tooltip.appendMarkdown('\n\n');
  }
  return tooltip;
}
