/** Whether completions are asked for at a document: the switch, its language, and whether somebody asked for quiet. */

import { ConfigurationTarget, type Disposable, EventEmitter, type TextDocument, workspace } from 'vscode';
import { capturedSchemes } from '../settings/settings';
import { languageSwitch } from './language-switch';

/** What the settings say. Read when they change: it is asked for at every key. */
function readSwitches() {
  const configuration = workspace.getConfiguration('hindsight');
  return {
    enabled: configuration.get('completions.enabled', true),
    languages: configuration.get<Record<string, boolean>>('languages', {}),
    schemes: capturedSchemes(),
  };
}

export class Availability implements Disposable {
  private readonly emitter = new EventEmitter<void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private until: number | null = null;
  private switches = readSwitches();
  private readonly listener = workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration('hindsight')) return;
    this.switches = readSwitches();
    this.emitter.fire();
  });

  /** Fires where an answer below may have changed. */
  readonly onChanged = this.emitter.event;

  get enabled(): boolean {
    return this.switches.enabled;
  }

  /** ms since the epoch; null where completions are not snoozed. */
  get snoozedUntil(): number | null {
    return this.until !== null && this.until > Date.now() ? this.until : null;
  }

  /** No completions for so long; 0 ends it. */
  snooze(minutes: number): void {
    clearTimeout(this.timer);
    this.until = minutes > 0 ? Date.now() + minutes * 60_000 : null;
    if (this.until !== null) this.timer = setTimeout(() => this.snooze(0), minutes * 60_000);
    this.emitter.fire();
  }

  isOnFor(languageId: string): boolean {
    return languageSwitch(this.switches.languages, languageId);
  }

  async setLanguage(languageId: string, on: boolean): Promise<void> {
    const configuration = workspace.getConfiguration('hindsight');
    const languages = configuration.inspect<Record<string, boolean>>('languages')?.globalValue ?? {};
    await configuration.update('languages', { ...languages, [languageId]: on }, ConfigurationTarget.Global);
  }

  /** Why nothing is asked for at this document, in one sentence; null where completions are asked for. */
  whyNot(document: TextDocument): string | null {
    const { languageId, uri } = document;
    if (!this.switches.schemes.includes(uri.scheme))
      return uri.scheme === 'untitled'
        ? 'Quiet here: a file that was never saved is left alone (setting hindsight.schemes).'
        : `Quiet here: documents of the kind “${uri.scheme}” are left alone.`;
    if (!this.isOnFor(languageId)) return `Off for ${languageId} (setting hindsight.languages).`;
    return null;
  }

  /** Whether to ask the server for a completion there. */
  allows(document: TextDocument): boolean {
    return this.enabled && this.snoozedUntil === null && this.whyNot(document) === null;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.listener.dispose();
    this.emitter.dispose();
  }
}
