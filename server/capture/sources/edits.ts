/** Documents as the editor reports them: follows the spans in them, and tells the developer's own edits from other changes. */
import type { ClientNotifications } from '../../protocol/messages';
import { pathOf } from '../../workspace/exclusions';
import { GitHeads } from '../../workspace/git-repository';
import type { Clock } from '../clock';
import type { CaptureEvents } from '../outcomes';
import type { TrackedCompletions } from '../tracking/completions';
import type { TrackedCompletion } from '../tracking/tracked-completion';
import { type ContentChange, TrackedDocument } from '../tracking/tracked-document';

type EditReason = ClientNotifications['hindsight/editReason'];

/** How long after a rejection typing counts as "otherwise", in ms. */
export const OTHERWISE_MS = 30_000;

export class CaptureDocuments {
  private readonly reasons = new Map<string, EditReason['reason']>();
  private readonly heads: GitHeads;

  constructor(
    private readonly table: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly clock: Clock,
  ) {
    this.heads = new GitHeads(clock.now);
  }

  opened(document: { uri: string; languageId: string; version: number; text: string }): void {
    const tracked = new TrackedDocument(document.uri, document.languageId, document.version, document.text);
    this.table.documents.set(document.uri, tracked);
    for (const attempt of this.table.of(document.uri)) {
      if (attempt.state === 'accepted') {
        attempt.reattach(tracked);
      }
    }
  }

  changed(change: { uri: string; version: number; contentChanges: readonly ContentChange[] }): void {
    const document = this.table.documents.get(change.uri);
    if (!document) {
      return;
    }
    const changed = document.change(change.contentChanges, change.version, this.clock.now());
    const key = `${change.uri} ${change.version}`;
    const reason = this.reasons.get(key) ?? null;
    this.reasons.delete(key);
    const several = severalCursors(change.contentChanges);
    for (const attempt of this.table.of(change.uri)) {
      if (attempt.state === 'accepted' && attempt.accepted === '') {
        attempt.accept(document, attempt.length);
      } else if (changed.has(attempt.span)) {
        const before = attempt.current;
        attempt.current = document.textOf(attempt.span);
        const formatted = isFormatting(before, attempt.current, change.contentChanges) ? 'format' : null;
        this.edited(attempt, change.version, reason ?? formatted, several);
      }
    }
  }

  /** Why a version came, told before or after the change itself. */
  because({ uri, version, reason }: EditReason): void {
    const document = this.table.documents.get(uri);
    if (document && document.version < version) {
      this.reasons.set(`${uri} ${version}`, reason);
      return;
    }
    for (const attempt of this.table.of(uri)) {
      if (attempt.disown(version)) {
        this.excused(attempt, reason);
      }
    }
  }

  /** @returns whether the document had changed since it was saved last. */
  saved(uri: string): boolean {
    const document = this.table.documents.get(uri);
    if (!document) {
      return false;
    }
    const changed = document.edits !== document.savedEdits;
    document.savedEdits = document.edits;
    for (const attempt of this.table.of(uri)) {
      if (attempt.isStanding) {
        attempt.onDisk = true;
        this.events.look(attempt, 'save');
      }
      this.events.update(attempt);
    }
    return changed;
  }

  closed(uri: string): void {
    const document = this.table.documents.get(uri);
    for (const attempt of this.table.of(uri)) {
      if (attempt.isStanding) {
        this.events.look(attempt, 'close');
        this.events.update(attempt);
      } else {
        this.table.finish(attempt);
      }
      if (document) {
        attempt.detach(document);
      }
    }
    this.table.documents.delete(uri);
  }

  /** The branch that the file of a completion is on. */
  headOf(attempt: TrackedCompletion): string | null {
    const path = pathOf(attempt.record.uri);
    return path === null ? null : this.heads.headOf(path);
  }

  /** The text of an attempt changed, for `reason` or by the developer's own hand. */
  edited(
    attempt: TrackedCompletion,
    version: number,
    reason: EditReason['reason'] | null,
    several: boolean,
  ): void {
    const now = this.clock.now();
    if (attempt.state === 'rejected' && (now - attempt.decidedAt <= OTHERWISE_MS || !attempt.otherwiseOver)) {
      attempt.lastEditAt = now;
    }
    if (attempt.state !== 'accepted') {
      return;
    }
    attempt.touch(version, now);
    const why = reason ?? (this.headOf(attempt) !== attempt.head ? 'checkout' : null);
    if (why !== null) {
      attempt.disown(version);
      this.excused(attempt, why);
      return;
    }
    if (several) {
      attempt.ambiguous = 'It was edited with several cursors at once.';
    }
    this.events.settleLater(attempt);
  }

  /** A change that was not the developer correcting: a checkout or reload ends what is known of the text. */
  private excused(attempt: TrackedCompletion, reason: EditReason['reason']): void {
    if (reason !== 'checkout' && reason !== 'reload') {
      return;
    }
    if (attempt.ownEdits > 0 && !attempt.ready) {
      attempt.ambiguous =
        'The file changed under it (another branch, or a reload) before the edit had settled.';
      this.events.update(attempt);
    }
    this.table.finish(attempt);
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
