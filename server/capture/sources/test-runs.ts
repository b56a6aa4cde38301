/** Test runs: which completion a failure is laid at, when it is fixed, and which tests cannot be believed. */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import type { ClientNotifications } from '../../protocol/messages';
import { normalise } from '../../test-output/normalise';
import { parseReportFile, parseTestOutput } from '../../test-output/read-run';
import type { Frame, TestFailure } from '../../test-output/report';
import { changedSince, idOf, isGreen, isRed, keyOf } from '../../test-output/run-result';
import { pathOf } from '../../workspace/exclusions';
import type { Clock } from '../clock';
import { FIX_MS } from '../signals';
import type { TrackedCompletion } from '../tracking/tracked-completion';
import type { TrackedDocument } from '../tracking/tracked-document';
import { attribute, type Candidate, scopeOf } from './attribution';

type Run = ClientNotifications['hindsight/run'];

export interface RunHooks {
  clock: Clock;
  folders(): readonly string[];
  attempts(): Iterable<TrackedCompletion>;
  document(uri: string): TrackedDocument | null;
  /** Whether a file may be read (not excluded). */
  readable(path: string): boolean;
  failed(attempt: TrackedCompletion, text: string): void;
  fixed(attempt: TrackedCompletion): void;
  update(attempt: TrackedCompletion): void;
  enqueue(work: () => Promise<void>): void;
}

interface Last {
  startedAt: number;
  /** The failing tests with the files they point at. */
  failing: Map<string, string[]>;
}

/** Failures that are looked at in one run, at most. */
const MOST_FAILURES = 30;
const SOURCE_LIMIT = 1_000_000;
/** Where a file lies that is printed with its package only, as on the Java platform. */
const ROOTS = ['', 'src/test/java', 'src/test/kotlin', 'src/main/java', 'src/main/kotlin', 'test'];
const FLAKY = 'The test is flaky: it failed and passed with nothing changed in between.';
const SEVERAL = 'Several completions could have caused the test failure.';
const ELSEWHERE = 'The test passes again without a change to the completion.';

export class RunWatch {
  private readonly last = new Map<string, Last>();
  /** Since when each test fails, by command and name. */
  private readonly redSince = new Map<string, number>();
  /** Until when a test is not believed. */
  private readonly flaky = new Map<string, number>();
  private savedAt = 0;

  constructor(private readonly hooks: RunHooks) {}

  /** A document was saved; `changed` tells whether its text had changed since the last time. */
  saved(changed: boolean): void {
    if (changed) {
      this.savedAt = this.hooks.clock.now();
    }
  }

  clear(): void {
    this.last.clear();
    this.redSince.clear();
    this.flaky.clear();
  }

  run(run: Run): void {
    const report = run.source === 'report' ? parseReportFile(run.output) : parseTestOutput(run.output);
    const failures = (report?.failures ?? []).slice(0, MOST_FAILURES);
    const red = isRed(run, report);
    if (!red && !isGreen(run, report)) {
      return;
    }
    const key = keyOf(run);
    const failing = red ? failures : [];
    this.findFlaky(key, run, failing);
    const believed = failing.filter(
      (failure) => (this.flaky.get(`${key}\0${idOf(failure)}`) ?? 0) < this.hooks.clock.now(),
    );
    this.close(key, believed, red ? (report?.passedNames ?? []) : null);
    if (red) {
      this.lay(run, key, believed);
    }
    this.remember(key, run, failing);
  }

  /** A test whose result differs from the run before, with nothing saved in between, cannot be believed. */
  private findFlaky(key: string, run: Run, failing: readonly TestFailure[]): void {
    const previous = this.last.get(key);
    if (!previous || this.savedAt > previous.startedAt) {
      return;
    }
    const now = new Map(failing.map((failure) => [idOf(failure), this.filesOf(failure, run.cwd)]));
    const flipped = [...new Set([...previous.failing.keys(), ...now.keys()])].filter((id) => {
      const files = [...(previous.failing.get(id) ?? []), ...(now.get(id) ?? [])];
      // Another program may have changed them: a checkout, a generator, another editor.
      return previous.failing.has(id) !== now.has(id) && !changedSince(files, previous.startedAt);
    });
    for (const id of flipped) {
      this.flaky.set(`${key}\0${id}`, this.hooks.clock.now() + FIX_MS);
    }
    if (flipped.length === 0) {
      return;
    }
    for (const attempt of this.hooks.attempts()) {
      const names =
        attempt.failure?.key === key && attempt.failure.fixedAt === null ? attempt.failure.names : [];
      if (names.length > 0 && names.every((name) => flipped.includes(name))) {
        attempt.failure = null;
        attempt.doubt = FLAKY;
        this.hooks.update(attempt);
      }
    }
    const newlyRed = failing.filter((failure) => flipped.includes(idOf(failure)));
    for (const [attempt] of this.verdicts(run, key, newlyRed).laid) {
      if (!attempt.failure) {
        attempt.doubt = FLAKY;
        this.hooks.update(attempt);
      }
    }
  }

  /** Failures that are gone: fixed by an edit of the completion, or by something else. */
  private close(key: string, failing: readonly TestFailure[], passed: readonly string[] | null): void {
    const still = new Set(failing.map(idOf));
    for (const attempt of this.hooks.attempts()) {
      const failure = attempt.failure;
      if (!failure || failure.fixedAt !== null) {
        continue;
      }
      const same = failure.key === key && !failure.names.some((name) => still.has(name));
      const named = passed !== null && failure.names.every((name) => name !== '' && passed.includes(name));
      if (!same && !named) {
        continue;
      }
      if (attempt.current !== failure.textThen) {
        failure.fixedAt = this.hooks.clock.now();
        this.hooks.fixed(attempt);
      } else {
        attempt.failure = null;
        attempt.doubt = ELSEWHERE;
      }
      this.hooks.update(attempt);
    }
  }

  private lay(run: Run, key: string, failing: readonly TestFailure[]): void {
    const { laid, tied } = this.verdicts(run, key, failing);
    for (const attempt of tied) {
      if (!laid.has(attempt) && !attempt.failure) {
        attempt.doubt = SEVERAL;
        this.hooks.update(attempt);
      }
    }
    for (const [attempt, failures] of laid) {
      const before = attempt.failure?.fixedAt === null ? attempt.failure : null;
      const names = failures.map(idOf);
      const failure = { text: before?.text ?? '', at: before?.at ?? run.endedAt, fixedAt: null, key, names };
      attempt.failure = { ...failure, textThen: attempt.current };
      attempt.doubt = null;
      this.hooks.enqueue(async () => {
        const text = await normalise(failures, this.hooks.folders());
        if (text !== before?.text && attempt.failure) {
          attempt.failure.text = text;
          this.hooks.failed(attempt, text);
        }
        this.hooks.update(attempt);
      });
    }
  }

  private verdicts(run: Run, key: string, failing: readonly TestFailure[]) {
    const candidates = new Map<string, { attempt: TrackedCompletion; candidate: Candidate }>();
    const lines = new Map<string, string[]>();
    for (const attempt of this.hooks.attempts()) {
      const candidate = this.candidate(attempt, run, lines);
      if (candidate) {
        candidates.set(candidate.id, { attempt, candidate });
      }
    }
    const laid = new Map<TrackedCompletion, TestFailure[]>();
    const tied = new Set<TrackedCompletion>();
    const list = [...candidates.values()].map((c) => c.candidate);
    for (const failure of list.length > 0 ? failing : []) {
      const since = this.redSince.get(`${key}\0${idOf(failure)}`);
      const verdict = attribute(failure, list, {
        cwd: run.cwd,
        startedAt: run.startedAt,
        source: (frame) => this.source(frame, run.cwd),
        failedBefore: (candidate) => since !== undefined && since < candidate.acceptedAt,
        passedBefore: (candidate) => {
          const last = this.last.get(key);
          return (
            last !== undefined && last.startedAt < candidate.acceptedAt && !last.failing.has(idOf(failure))
          );
        },
      });
      if (verdict.id !== null) {
        const { attempt } = candidates.get(verdict.id)!;
        laid.set(attempt, [...(laid.get(attempt) ?? []), failure]);
      }
      for (const id of verdict.tied) {
        tied.add(candidates.get(id)!.attempt);
      }
    }
    return { laid, tied };
  }

  /** The attempt as a possible cause: accepted, saved before the run ended, not older than a day. */
  private candidate(attempt: TrackedCompletion, run: Run, known: Map<string, string[]>): Candidate | null {
    const path = pathOf(attempt.record.uri);
    const fresh = attempt.decidedAt <= run.endedAt && run.endedAt - attempt.decidedAt < FIX_MS;
    if (
      attempt.state !== 'accepted' ||
      attempt.accepted === '' ||
      !attempt.onDisk ||
      !fresh ||
      path === null
    ) {
      return null;
    }
    const document = this.hooks.document(attempt.record.uri);
    const range = document?.rangeOf(attempt.span);
    const startLine = range?.start.line ?? attempt.resting?.startLine;
    const endLine = range?.end.line ?? attempt.resting?.endLine;
    if (startLine === undefined || endLine === undefined) {
      return null;
    }
    // A long file is taken apart once, however many completions stand in it.
    const lines = known.get(path) ?? document?.text.split('\n') ?? attempt.resting!.lines;
    known.set(path, lines);
    const scope = scopeOf(lines, startLine, endLine);
    return { id: attempt.record.id, path, startLine, endLine, scope, acceptedAt: attempt.decidedAt };
  }

  /** The test's own code around a frame, from where the test begins. */
  private source(frame: Frame, cwd: string): string | null {
    const path = this.pathOfFrame(frame, cwd);
    if (path === null || !this.hooks.readable(path)) {
      return null;
    }
    try {
      const lines = readFileSync(path, 'utf8').split('\n');
      let from = frame.line - 1;
      while (
        from > 0 &&
        frame.line - from < 12 &&
        !/^\s*(?:it|test|def|func|fn|@Test|public)\b/.test(lines[from] ?? '')
      ) {
        from--;
      }
      return lines.slice(from, frame.line + 1).join('\n');
    } catch {
      return null;
    }
  }

  /** The files of the project that a failure points at. */
  private filesOf(failure: TestFailure, cwd: string): string[] {
    return failure.frames.flatMap((frame) => this.pathOfFrame(frame, cwd) ?? []);
  }

  private pathOfFrame(frame: Frame, cwd: string): string | null {
    const paths = isAbsolute(frame.file) ? [frame.file] : ROOTS.map((root) => join(cwd, root, frame.file));
    const path = paths.find(
      (p) => (statSync(p, { throwIfNoEntry: false })?.size ?? SOURCE_LIMIT) < SOURCE_LIMIT,
    );
    const inside = path !== undefined && this.hooks.folders().some((folder) => path.startsWith(folder + sep));
    return inside ? path : null;
  }

  private remember(key: string, run: Run, failing: readonly TestFailure[]): void {
    const ids = new Map(failing.map((failure) => [idOf(failure), this.filesOf(failure, run.cwd)]));
    this.last.set(key, { startedAt: run.startedAt, failing: ids });
    for (const known of [...this.redSince.keys()]) {
      if (known.startsWith(`${key}\0`) && !ids.has(known.slice(key.length + 1))) {
        this.redSince.delete(known);
      }
    }
    for (const id of ids.keys()) {
      const name = `${key}\0${id}`;
      if (!this.redSince.has(name)) {
        this.redSince.set(name, run.startedAt);
      }
    }
  }
}
