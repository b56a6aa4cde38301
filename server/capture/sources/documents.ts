/** Documents as the editor reports them: follows the spans in them, and distinguishes the developer's own edits and other changes. */
import type { ClientNotifications } from '../../protocol/messages';
import type { Clock } from '../clock';
import type { CaptureEvents } from '../events';
import type { TrackedCompletions } from '../tracking/completions';
import type { TrackedCompletion } from '../tracking/tracked-completion';
import { type ContentChange, TrackedDocument } from '../tracking/tracked-document';
import { OTHERWISE_MS } from './outcomes';

type EditReason = ClientNotifications['hindsight/editReason'];

export class CaptureDocuments {
  private readonly reasons = new Map<string, EditReason['reason']>();

  constructor(
    private readonly tracked: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly clock: Clock,
  ) {}

  opened(document: { uri: string; languageId: string; version: number; text: string }): void {
    const tracked = new TrackedDocument(document.uri, document.languageId, document.version, document.text);
    this.tracked.documents.set(document.uri, tracked);
    for (const completion of this.tracked.of(document.uri)) {
      if (completion.state === 'accepted') {
        completion.reattach(tracked);
      }
    }
  }

  changed(change: { uri: string; version: number; contentChanges: readonly ContentChange[] }): void {
    const document = this.tracked.documents.get(change.uri);
    if (!document) {
      return;
    }
    const changed = document.change(change.contentChanges, change.version, this.clock.now());
    const key = `${change.uri} ${change.version}`;
    const reason = this.reasons.get(key) ?? null;
    this.reasons.delete(key);
    const several = severalCursors(change.contentChanges);
    for (const completion of this.tracked.of(change.uri)) {
      if (completion.state === 'accepted' && completion.accepted === '') {
        completion.accept(document, completion.length);
      } else if (changed.has(completion.span)) {
        const before = completion.current;
        completion.current = document.textOf(completion.span);
        const formatted = isFormatting(before, completion.current, change.contentChanges) ? 'format' : null;
        this.edited(completion, change.version, reason ?? formatted, several);
      }
    }
  }

  /** Why a version came, said before or after the change itself. */
  because({ uri, version, reason }: EditReason): void {
    const document = this.tracked.documents.get(uri);
    if (document && document.version < version) {
      this.reasons.set(`${uri} ${version}`, reason);
      return;
    }
    for (const completion of this.tracked.of(uri)) {
      if (completion.disown(version)) {
        this.excused(completion, reason);
      }
    }
  }

  /** @returns whether the document had changed since it was saved last. */
  saved(uri: string): boolean {
    const document = this.tracked.documents.get(uri);
    if (!document) {
      return false;
    }
    const changed = document.edits !== document.savedEdits;
    document.savedEdits = document.edits;
    for (const completion of this.tracked.of(uri)) {
      if (completion.isStanding) {
        completion.onDisk = true;
        this.events.snapshot(completion, 'save');
      }
      this.events.update(completion);
    }
    return changed;
  }

  closed(uri: string): void {
    const document = this.tracked.documents.get(uri);
    for (const completion of this.tracked.of(uri)) {
      if (completion.isStanding) {
        this.events.snapshot(completion, 'close');
        this.events.update(completion);
      } else {
        this.tracked.finish(completion);
      }
      if (document) {
        completion.detach(document);
      }
    }
    this.tracked.documents.delete(uri);
  }

  /** The text of a completion changed, for `reason` or by the developer's own hand. */
  private edited(
    completion: TrackedCompletion,
    version: number,
    reason: EditReason['reason'] | null,
    several: boolean,
  ): void {
    const now = this.clock.now();
    if (
      completion.state === 'rejected' &&
      (now - completion.decidedAt <= OTHERWISE_MS || !completion.otherwiseOver)
    ) {
      completion.lastEditAt = now;
    }
    if (completion.state !== 'accepted') {
      return;
    }
    completion.touch(version, now);
    const why = reason ?? (this.tracked.headOf(completion) !== completion.head ? 'checkout' : null);
    if (why !== null) {
      completion.disown(version);
      this.excused(completion, why);
      return;
    }
    if (several) {
      completion.ambiguous = 'It was edited with several cursors at once.';
    }
    this.events.settleLater(completion);
  }

  /** A change that was not the developer correcting: a checkout or reload ends what is known of the text. */
  private excused(completion: TrackedCompletion, reason: EditReason['reason']): void {
    if (reason !== 'checkout' && reason !== 'reload') {
      return;
    }
    if (completion.ownEdits > 0 && !completion.ready) {
      completion.ambiguous =
        'The file changed under it (another branch, or a reload) before the edit had settled.';
      this.events.update(completion);
    }
    this.tracked.finish(completion);
  }
}

/** A change of blanks alone; or of quotes, commas and semicolons too where a formatter changed several places at once. */
function isFormatting(before: string, after: string, changes: readonly ContentChange[]): boolean {
  const broad = changes.length > 1 || changes.some((change) => !change.range);
  const bare = (text: string) => (broad ? text.replace(/[\s'"`;,()]/g, '') : text.replace(/\s/g, ''));
  return bare(before) !== '' && bare(before) === bare(after);
}

/** The same text put at several places at once. */
function severalCursors(changes: readonly ContentChange[]): boolean {
  return (
    changes.length > 1 &&
    changes.every((c) => c.range && c.text === changes[0]!.text && /^.*\S.*$/.test(c.text))
  );
}
