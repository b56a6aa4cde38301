/** A scripted developer: files on disk, an editor's messages, and a clock that runs as fast as one likes. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Reason, reasonOf } from '../../../extension/signals/edit-source';
import { Capture } from '../../../server/capture/capture';
import type { Clock } from '../../../server/capture/clock';
import type { ReadRun } from '../../../server/capture/sources/test-runs';
import type { ClientNotifications } from '../../../server/protocol/messages';
import { defaultSettings, type Settings } from '../../../server/protocol/settings';
import { type FeedbackStore, openStore } from '../../../server/store/store';
import { readRun } from '../../../server/test-output/read-run';
import { completion, scratch } from '../store/records';

/** On the thread of the test; the server's own has tests of its own. */
export const readRunHere: ReadRun = async (output, isReport) => readRun(output, isReport);

export class FakeClock implements Clock {
  private time = 1_700_000_000_000;
  private timers: { at: number; callback: () => void }[] = [];

  now = (): number => this.time;

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((t) => t !== timer);
    };
  }

  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        break;
      }
      this.time = Math.max(this.time, next.at);
      this.timers = this.timers.filter((t) => t !== next);
      next.callback();
    }
    this.time = end;
  }
}

interface Open {
  text: string;
  version: number;
}

export class Session {
  readonly clock = new FakeClock();
  readonly messages: string[] = [];
  /** Corrections that were acknowledged. */
  readonly noted: { completionId: string; offered: string; kept: string }[] = [];
  /** Files are as old as this session's clock says (a real build tool wants them as old as they are). */
  dated = true;
  readonly files = new Map<string, Open>();
  private ids = 0;

  private constructor(
    readonly folder: string,
    readonly store: FeedbackStore,
    readonly capture: Capture,
    clock: FakeClock,
    private readonly remove: () => void,
  ) {
    this.clock = clock;
  }

  static async start(settings: Partial<Settings> = {}, trusted = true): Promise<Session> {
    const place = scratch(true);
    const clock = new FakeClock();
    const store = await openStore(place.file, { now: clock.now });
    const folder = join(place.folder, 'project');
    mkdirSync(folder);
    const log: string[] = [];
    const noted: Session['noted'] = [];
    const capture = new Capture({
      store,
      settings: { ...defaultSettings, ...settings },
      trusted,
      folders: [folder],
      readRun: readRunHere,
      clock,
      log: (sentence) => log.push(sentence),
      onNoted: (note) => noted.push(note),
    });
    const session = new Session(folder, store, capture, clock, place.remove);
    noted.push = (...notes) => session.noted.push(...notes);
    log.push = (...lines: string[]) => session.messages.push(...lines);
    return session;
  }

  async end(): Promise<void> {
    await this.capture.flush();
    this.capture.dispose();
    await this.store.close();
    this.remove();
  }

  uri(path: string): string {
    return pathToFileURL(join(this.folder, path)).href;
  }

  text(path: string): string {
    return this.files.get(path)!.text;
  }

  /** Writes a file that no editor has open. */
  onDisk(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    this.write(path, text);
  }

  private write(path: string, text: string): void {
    const file = join(this.folder, path);
    writeFileSync(file, text);
    if (this.dated) {
      utimesSync(file, this.clock.now() / 1_000, this.clock.now() / 1_000);
    }
  }

  open(path: string, text: string, languageId = 'typescript'): void {
    this.onDisk(path, text);
    this.files.set(path, { text, version: 1 });
    this.capture.documentOpened({ uri: this.uri(path), languageId, version: 1, text });
  }

  /** Replaces `[start, start + length)`; returns the new version. */
  edit(path: string, start: number, length: number, text: string): number {
    return this.edits(path, [{ start, length, text }]);
  }

  /** Several changes in one message, each in the offsets after the one before it. */
  edits(path: string, list: { start: number; length: number; text: string }[]): number {
    const file = this.files.get(path)!;
    const contentChanges = list.map(({ start, length, text }) => {
      const range = { start: position(file.text, start), end: position(file.text, start + length) };
      file.text = file.text.slice(0, start) + text + file.text.slice(start + length);
      return { range, text };
    });
    file.version++;
    this.capture.documentChanged({ uri: this.uri(path), version: file.version, contentChanges });
    return file.version;
  }

  /** Replaces the first occurrence of `find`, key by key where asked. */
  replace(path: string, find: string, text: string): number {
    const at = this.text(path).indexOf(find);
    if (at < 0) {
      throw new Error(`"${find}" does not stand in ${path}`);
    }
    return this.edit(path, at, find.length, text);
  }

  /** Types behind the first occurrence of `after`, a character at a time, 120 ms apart. */
  type(path: string, after: string, text: string): void {
    let at = this.text(path).indexOf(after) + after.length;
    for (const c of text) {
      this.clock.advance(120);
      this.edit(path, at, 0, c);
      at += c.length;
    }
  }

  whole(path: string, text: string): number {
    const file = this.files.get(path)!;
    file.text = text;
    file.version++;
    this.capture.documentChanged({ uri: this.uri(path), version: file.version, contentChanges: [{ text }] });
    return file.version;
  }

  close(path: string): void {
    this.capture.documentClosed(this.uri(path));
    this.files.delete(path);
  }

  /** The file gets another name, as editors report it: closed here, opened there. */
  rename(from: string, to: string, openFirst = false): void {
    const { text } = this.files.get(from)!;
    if (!openFirst) {
      this.close(from);
    }
    this.open(to, text);
    if (openFirst) {
      this.close(from);
    }
  }

  /** F2 with the cursor in the first occurrence of `name`, the only one; the client says what it takes the change for. */
  renameSymbol(path: string, name: string, text: string): void {
    const before = this.text(path);
    const at = before.indexOf(name);
    const offset = before.lastIndexOf('\n', at) + 1;
    const end = before.indexOf('\n', at);
    const reason = reasonOf({
      changes: [{ offset: at, removed: name.length, text }],
      reason: undefined,
      saving: false,
      dirty: true,
      shown: 'active',
      selections: [{ start: at + 1, end: at + 1 }],
      line: { offset, text: before.slice(offset, end < 0 ? before.length : end) },
      pasting: false,
      typing: false,
    });
    this.because(path, this.replace(path, name, text), reason);
  }

  /** The client says why a version came. */
  because(path: string, version: number, reason: Reason | undefined): void {
    if (reason) {
      this.capture.editReason({ uri: this.uri(path), version, reason });
    }
  }

  save(path: string): void {
    this.write(path, this.text(path));
    this.capture.documentSaved(this.uri(path));
  }

  /** Offers `text`, of tokens that are likely by themselves, behind the first occurrence of `after`; answers the completion's id. */
  offer(path: string, after: string, text: string, responseLogProbs = [-0.1, -0.2]): string {
    const file = this.files.get(path)!;
    const at = file.text.indexOf(after) + after.length;
    const id = `c${++this.ids}`;
    const record = completion(id, {
      createdAt: this.clock.now(),
      uri: this.uri(path),
      path,
      languageId: 'typescript',
      ...position(file.text, at),
      prefix: file.text.slice(0, at),
      suffix: file.text.slice(at),
      text,
      responseLogProbs,
    });
    this.capture.addCompletion(record);
    this.capture.shown({ completionId: id, confidence: 'inferred', at: this.clock.now() });
    this.offers.set(id, { path, at, text });
    return id;
  }
  private readonly offers = new Map<string, { path: string; at: number; text: string }>();

  /** Tab: the editor inserts the text, then says so. */
  accept(id: string, length?: number): void {
    const { path, at, text } = this.offers.get(id)!;
    this.edit(path, at, 0, text.slice(0, length ?? text.length));
    this.capture.accepted({
      completionId: id,
      confidence: 'observed',
      at: this.clock.now(),
      acceptedLength: length,
    });
  }

  /** Offers and accepts. */
  take(path: string, after: string, text: string): string {
    const id = this.offer(path, after, text);
    this.clock.advance(300);
    this.accept(id);
    this.clock.advance(500);
    return id;
  }

  reject(id: string): void {
    this.capture.rejected({
      completionId: id,
      kind: 'rejected',
      confidence: 'inferred',
      at: this.clock.now(),
    });
  }

  async run(
    output: string,
    exitCode: number | null,
    command = 'npm test',
    more: Partial<ClientNotifications['hindsight/run']> = {},
  ) {
    const startedAt = this.clock.now();
    this.clock.advance(1_500);
    this.capture.run({
      source: 'terminal',
      command,
      cwd: this.folder,
      exitCode,
      output,
      startedAt,
      endedAt: this.clock.now(),
      ...more,
    });
    await this.capture.flush();
  }

  advance(ms: number): void {
    this.clock.advance(ms);
  }

  /** The learning event of a completion as it is on disk, or null. */
  async event(id: string) {
    await this.capture.flush(60_000);
    return this.store.events.of(id);
  }

  async story(id: string) {
    await this.capture.flush(60_000);
    return this.store.panel.story(id);
  }
}

function position(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length - 1, character: before[before.length - 1]!.length };
}
