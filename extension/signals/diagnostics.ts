/** Forwards errors and warnings of open documents: one that appears on an accepted span is a signal. */

import { DiagnosticSeverity, type Disposable, languages, type Uri, workspace } from 'vscode';
import type { ClientNotifications } from '../../server/protocol/messages';
import type { HindsightClient } from '../server/client';
import { capturedSchemes } from '../settings/settings';

/** Checkers often publish several times in a row. */
const DEBOUNCE_MS = 250;
/** A document with more than this is broken as a whole. */
const MAXIMUM_ITEMS = 200;

type Item = ClientNotifications['hindsight/diagnostics']['items'][number];

export class DiagnosticsWatch implements Disposable {
  private readonly schemes = new Set(capturedSchemes());
  private readonly changed = new Map<string, Uri>();
  /** Documents whose last message was not empty: an empty one after it matters, others need not be sent. */
  private readonly nonEmpty = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly subscription: Disposable;

  constructor(private readonly client: HindsightClient) {
    this.subscription = languages.onDidChangeDiagnostics(({ uris }) => {
      if (!workspace.isTrusted) return;
      for (const uri of uris) if (this.schemes.has(uri.scheme)) this.changed.set(uri.toString(), uri);
      if (this.changed.size > 0 && !this.timer) this.timer = setTimeout(() => this.send(), DEBOUNCE_MS);
    });
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.subscription.dispose();
  }

  private send(): void {
    this.timer = undefined;
    const open = new Map(workspace.textDocuments.map((document) => [document.uri.toString(), document]));
    for (const [key, uri] of this.changed) {
      const document = open.get(key);
      if (!document) continue;
      const items = itemsOf(uri);
      if (items.length === 0 && !this.nonEmpty.has(key)) continue;
      if (items.length > 0) this.nonEmpty.add(key);
      else this.nonEmpty.delete(key);
      this.client.notify('hindsight/diagnostics', { uri: key, version: document.version, items });
    }
    this.changed.clear();
  }
}

function itemsOf(uri: Uri): Item[] {
  const items: Item[] = [];
  for (const { range, message, severity, source } of languages.getDiagnostics(uri)) {
    if (severity > DiagnosticSeverity.Warning) continue;
    items.push({
      range: {
        start: { line: range.start.line, character: range.start.character },
        end: { line: range.end.line, character: range.end.character },
      },
      message,
      severity: severity === DiagnosticSeverity.Error ? 'error' : 'warning',
      source: source ?? '',
    });
    if (items.length === MAXIMUM_ITEMS) break;
  }
  return items;
}
