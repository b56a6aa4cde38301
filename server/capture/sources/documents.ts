/**
 * Documents as the editor reports them: follows the spans in them, also to another place or file, and keeps the developer's
 * own edits apart from other changes.
 */
import type { ClientNotifications } from '../../protocol/messages';
import type { Clock } from '../clock';
import { isFormatting, severalCursors } from '../edits/change-kind';
import type { EditSource } from '../edits/sources';
import type { CaptureEvents } from '../events';
import type { CapturePolicy } from '../policy';
import { FIX_MS } from '../signals';
import type { TrackedCompletions } from '../tracking/completions';
import type { Trace } from '../tracking/lost-texts';
import { RenamedFiles } from '../tracking/renamed-files';
import type { TrackedCompletion } from '../tracking/tracked-completion';
import { type ContentChange, TrackedDocument } from '../tracking/tracked-document';
import { OTHERWISE_MS } from './outcomes';

type EditReason = ClientNotifications['hindsight/editReason'];
type Reason = EditReason['reason'];

/** Reasons of changes that count, for less than typed ones. */
const COUNTED: Partial<Record<Reason, EditSource>> = { paste: 'pasted', program: 'program' };
const TAKEN = 'The file changed under it (another branch, or a reload) before the edit had settled.';

export class CaptureDocuments {
  private readonly reasons = new Map<string, Reason>();
  private readonly files: RenamedFiles;

  constructor(
    private readonly tracked: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly clock: Clock,
    private readonly policy: CapturePolicy,
  ) {
    this.files = new RenamedFiles(tracked);
  }

  opened(opened: { uri: string; languageId: string; version: number; text: string }): void {
    const { uri, languageId, version, text } = opened;
    const document = new TrackedDocument(uri, languageId, version, text, this.tracked.lost);
    this.tracked.documents.set(uri, document);
    this.files.opened(uri, this.clock.now());
    for (const completion of this.tracked.of(uri)) {
      if (completion.resting) {
        this.reattach(completion, document);
      }
    }
    for (const completion of this.files.renamedTo(document, this.clock.now())) {
      this.reattach(completion, document);
    }
  }

  changed(change: { uri: string; version: number; contentChanges: readonly ContentChange[] }): void {
    const document = this.tracked.documents.get(change.uri);
    if (!document) {
      return;
    }
    const { spans, found, gone } = document.change(change.contentChanges, change.version, this.clock.now());
    const key = `${change.uri} ${change.version}`;
    const reason = this.reasons.get(key) ?? null;
    this.reasons.delete(key);
    for (const [span, place] of gone) {
      this.moved(this.tracked.at(span), place.uri);
    }
    for (const span of found) {
      const completion = this.tracked.at(span);
      this.moved(completion, change.uri);
      completion?.returned(document.textOf(span));
      if (completion?.state === 'suspended') {
        this.restore(completion, document);
      }
    }
    for (const completion of this.tracked.of(change.uri)) {
      if (completion.state === 'accepted' && completion.accepted === '') {
        completion.accept(document, completion.length);
        continue;
      }
      const before = spans.get(completion.span);
      if (before) {
        this.edited(completion, document, before, change, reason);
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
    const source = COUNTED[reason];
    for (const completion of this.tracked.of(uri)) {
      if (source) {
        completion.attribute(version, source);
        continue;
      }
      const change = completion.disown(version);
      if (change && document) {
        this.excused(completion, document, reason, change.before, change.after);
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
    const now = this.clock.now();
    const lines = document?.text.split('\n') ?? [];
    for (const completion of this.tracked.of(uri)) {
      if (completion.isStanding) {
        this.events.snapshot(completion, 'close');
        this.events.update(completion);
      } else if (completion.state !== 'suspended') {
        this.tracked.finish(completion);
      }
      if (document) {
        completion.detach(document, lines, now);
      }
    }
    this.tracked.documents.delete(uri);
    if (!document) {
      return;
    }
    this.tracked.lost.close(document);
    const other = this.files.savedAs(uri, lines, now);
    for (const completion of other ? this.tracked.of(uri) : []) {
      if (completion.state === 'accepted') {
        this.reattach(completion, other!);
      }
    }
  }

  private reattach(completion: TrackedCompletion, document: TrackedDocument): void {
    const suspended = completion.state === 'suspended';
    if (!completion.reattach(document)) {
      // Away for now (a stash): it may be brought back.
      this.suspend(completion, document, { text: completion.current, block: null });
      return;
    }
    this.moved(completion, document.uri);
    if (suspended && completion.state === 'suspended') {
      this.restore(completion, document);
    }
  }

  /** Its text stands in another file now. Of a file that is excluded nothing is followed. */
  private moved(completion: TrackedCompletion | undefined, uri: string): void {
    if (!completion || (completion.uri === uri && !completion.resting)) {
      return;
    }
    completion.uri = uri;
    completion.resting = null;
    if (this.policy.isExcluded(uri)) {
      this.tracked.finish(completion);
    }
  }

  /** The text of a completion changed, for `reason` or by the developer's own hand. */
  private edited(
    completion: TrackedCompletion,
    document: TrackedDocument,
    trace: Trace,
    { version, contentChanges }: { version: number; contentChanges: readonly ContentChange[] },
    reason: Reason | null,
  ): void {
    const now = this.clock.now();
    const before = completion.current;
    completion.current = document.textOf(completion.span);
    const after = completion.current;
    const source = (reason && COUNTED[reason]) ?? 'typed';
    if (completion.state === 'rejected') {
      const { lastEditAt, otherwiseOver, decidedAt } = completion;
      completion.count(version, source, trace, now);
      completion.lastEditAt = now - decidedAt <= OTHERWISE_MS || !otherwiseOver ? now : lastEditAt;
    }
    if (completion.state !== 'accepted') {
      return;
    }
    const formatted = isFormatting(before, after, contentChanges, document.languageId) ? 'format' : null;
    const uncounted = reason !== null && !COUNTED[reason] ? reason : formatted;
    // A checkout rewrites more than a keystroke does; the disk is not asked at each of those.
    const isMoved = !isKeystroke(contentChanges) && this.tracked.headOf(completion) !== completion.head;
    const why = uncounted ?? (isMoved ? 'checkout' : null);
    if (why !== null) {
      this.excused(completion, document, why, trace, after);
      return;
    }
    completion.count(version, source, trace, now);
    if (severalCursors(contentChanges)) {
      completion.ambiguous = 'It was edited with several cursors at once.';
    }
    this.events.settleLater(completion);
  }

  /** A change that was not the developer correcting. A checkout or a reload takes the text away; it may be brought back. */
  private excused(
    completion: TrackedCompletion,
    document: TrackedDocument,
    reason: Reason,
    before: Trace,
    after: string,
  ): void {
    if (reason !== 'checkout' && reason !== 'reload') {
      completion.excuse(before.text, after);
      return;
    }
    const open = completion.editCount > 0 && !completion.ready;
    if (open) {
      completion.ambiguous = TAKEN;
      this.events.update(completion);
    }
    this.suspend(completion, document, before);
  }

  /** Its text is gone from the file, and nothing is learned from it unless it comes back as it was. */
  private suspend(completion: TrackedCompletion, document: TrackedDocument, before: Trace): void {
    completion.state = 'suspended';
    completion.current = before.text;
    document.untrack(completion.span);
    completion.span.end = completion.span.start;
    const place = this.tracked.lost.lose(completion.span, before, document, this.clock.now(), FIX_MS);
    if (place) {
      this.moved(completion, place.uri);
    }
  }

  private restore(completion: TrackedCompletion, document: TrackedDocument): void {
    completion.state = 'accepted';
    completion.current = document.textOf(completion.span);
    completion.head = this.tracked.headOf(completion);
    if (completion.ambiguous === TAKEN) {
      completion.ambiguous = null;
    }
    this.events.update(completion);
  }
}

/** One character typed or deleted, or a pair of brackets that the editor closes. */
function isKeystroke(changes: readonly ContentChange[]): boolean {
  const [change, another] = changes;
  if (!change?.range || another) {
    return false;
  }
  const { start, end } = change.range;
  return change.text.length <= 2 && start.line === end.line && end.character - start.character <= 2;
}
