/** Test runs: which completion is blamed for a failure, when it is fixed, and which tests cannot be believed. */

import { filePath } from '../../base/file-path';
import type { ClientNotifications } from '../../protocol/messages';
import { normalise } from '../../test-output/normalise';
import { parseReportFile, parseTestOutput } from '../../test-output/read-run';
import type { TestFailure } from '../../test-output/report';
import { idOf, isGreen, isRed, keyOf } from '../../test-output/run-result';
import type { Clock } from '../clock';
import type { CaptureEvents } from '../events';
import type { CapturePolicy } from '../policy';
import type { RedactingStore } from '../redacting-store';
import { FIX_MS } from '../signals';
import type { TrackedCompletions } from '../tracking/completions';
import type { TrackedCompletion } from '../tracking/tracked-completion';
import { attribute, type Candidate, scopeOf } from './attribution';
import { RunFiles } from './run-files';
import { RunHistory } from './run-history';

type Run = ClientNotifications['hindsight/run'];

/** Failures that are attributed in one run, at most. */
const MOST_FAILURES = 30;
const FLAKY = 'The test is flaky: it failed and passed with nothing changed in between.';
const SEVERAL = 'Several completions could have caused the test failure.';
const ELSEWHERE = 'The test passes again without a change to the completion.';

/** A completion as it stood when the run was reported. */
interface Suspect {
  completion: TrackedCompletion;
  candidate: Candidate;
  text: string;
}

/** A run with what is needed to judge it. */
interface Judged {
  run: Run;
  key: string;
  files: RunFiles;
  suspects: ReadonlyMap<string, Suspect>;
}

export class CaptureRuns {
  private readonly history = new RunHistory();
  private savedAt = 0;

  constructor(
    private readonly tracked: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly out: RedactingStore,
    private readonly clock: Clock,
    private readonly policy: CapturePolicy,
  ) {}

  /** A document was saved; `changed` says whether its text had changed since the last time. */
  saved(changed: boolean): void {
    if (changed) {
      this.savedAt = this.clock.now();
    }
  }

  clear(): void {
    this.history.clear();
  }

  run(run: Run): void {
    const report = run.source === 'report' ? parseReportFile(run.output) : parseTestOutput(run.output);
    const failures = (report?.failures ?? []).slice(0, MOST_FAILURES);
    const red = isRed(run, report);
    if (!red && !isGreen(run, report)) {
      return;
    }
    const failing = red ? failures : [];
    const passed = red ? (report?.passedNames ?? []) : null;
    // What stands where is remembered now; the files are read without holding up what the editor reports next.
    const suspects = this.suspects(run);
    const savedAt = this.savedAt;
    this.out.enqueue(async () => {
      const files = await RunFiles.load(failing, run.cwd, this.policy);
      await this.judge({ run, key: keyOf(run), files, suspects }, failing, passed, savedAt);
    });
  }

  private async judge(
    judged: Judged,
    failing: readonly TestFailure[],
    passed: readonly string[] | null,
    savedAt: number,
  ): Promise<void> {
    const { run, key, files } = judged;
    const ids = new Map(failing.map((failure) => [idOf(failure), files.pathsOf(failure)]));
    const flipped = await this.history.flipped(key, ids, savedAt, this.clock.now());
    if (flipped.length > 0) {
      this.doubt(judged, failing, flipped);
    }
    const believed = failing.filter((failure) =>
      this.history.isBelieved(key, idOf(failure), this.clock.now()),
    );
    this.close(judged, believed, passed);
    this.blame(judged, believed);
    this.history.remember(key, run.startedAt, ids);
  }

  /** Completions that were blamed for flaky tests are blamed no longer. */
  private doubt(judged: Judged, failing: readonly TestFailure[], flaky: readonly string[]): void {
    for (const completion of this.tracked.all()) {
      const failure = completion.failure;
      const names = failure?.key === judged.key && failure.fixedAt === null ? failure.names : [];
      if (names.length > 0 && names.every((name) => flaky.includes(name))) {
        completion.failure = null;
        completion.doubt = FLAKY;
        this.events.update(completion);
      }
    }
    const newlyRed = failing.filter((failure) => flaky.includes(idOf(failure)));
    for (const [{ completion }] of this.verdicts(judged, newlyRed).blamed) {
      if (!completion.failure) {
        completion.doubt = FLAKY;
        this.events.update(completion);
      }
    }
  }

  /** Failures that are gone: fixed by an edit of the completion, or by something else. */
  private close(
    { key, suspects }: Judged,
    failing: readonly TestFailure[],
    passed: readonly string[] | null,
  ): void {
    const still = new Set(failing.map(idOf));
    for (const completion of this.tracked.all()) {
      const failure = completion.failure;
      if (!failure || failure.fixedAt !== null) {
        continue;
      }
      const same = failure.key === key && !failure.names.some((name) => still.has(name));
      const named = passed !== null && failure.names.every((name) => name !== '' && passed.includes(name));
      if (!same && !named) {
        continue;
      }
      const text = suspects.get(completion.record.id)?.text ?? completion.current;
      if (text !== failure.textThen) {
        failure.fixedAt = this.clock.now();
        this.events.note(completion, 'test-fixed', completion.current);
      } else {
        completion.failure = null;
        completion.doubt = ELSEWHERE;
      }
      this.events.update(completion);
    }
  }

  private blame(judged: Judged, failing: readonly TestFailure[]): void {
    const { blamed, tied } = this.verdicts(judged, failing);
    for (const suspect of tied) {
      const { completion } = suspect;
      if (!blamed.has(suspect) && !completion.failure) {
        completion.doubt = SEVERAL;
        this.events.update(completion);
      }
    }
    for (const [{ completion, text: textThen }, failures] of blamed) {
      const before = completion.failure?.fixedAt === null ? completion.failure : null;
      completion.failure = {
        text: before?.text ?? '',
        at: before?.at ?? judged.run.endedAt,
        fixedAt: null,
        key: judged.key,
        names: failures.map(idOf),
        textThen,
      };
      completion.doubt = null;
      this.out.enqueue(async () => {
        const text = await normalise(failures, this.policy.folders);
        if (text !== before?.text && completion.failure) {
          completion.failure.text = text;
          this.events.note(completion, 'test-failed', text);
        }
        this.events.update(completion);
      });
    }
  }

  private verdicts({ run, key, files, suspects }: Judged, failing: readonly TestFailure[]) {
    const blamed = new Map<Suspect, TestFailure[]>();
    const tied = new Set<Suspect>();
    const candidates = [...suspects.values()].map((suspect) => suspect.candidate);
    for (const failure of candidates.length > 0 ? failing : []) {
      const verdict = attribute(failure, candidates, {
        cwd: run.cwd,
        startedAt: run.startedAt,
        source: (frame) => files.source(frame),
        failedBefore: ({ acceptedAt }) => this.history.failedBefore(key, idOf(failure), acceptedAt),
        passedBefore: ({ acceptedAt }) => this.history.passedBefore(key, idOf(failure), acceptedAt),
      });
      if (verdict.id !== null) {
        const suspect = suspects.get(verdict.id)!;
        blamed.set(suspect, [...(blamed.get(suspect) ?? []), failure]);
      }
      for (const id of verdict.tied) {
        tied.add(suspects.get(id)!);
      }
    }
    return { blamed, tied };
  }

  /** The completions that may be the cause: accepted, saved before the run ended, not older than a day. */
  private suspects(run: Run): Map<string, Suspect> {
    const suspects = new Map<string, Suspect>();
    const lines = new Map<string, readonly string[]>();
    for (const completion of this.tracked.all()) {
      const candidate = this.candidate(completion, run, lines);
      if (candidate) {
        suspects.set(candidate.id, { completion, candidate, text: completion.current });
      }
    }
    return suspects;
  }

  private candidate(
    completion: TrackedCompletion,
    run: Run,
    known: Map<string, readonly string[]>,
  ): Candidate | null {
    const path = filePath(completion.uri);
    const fresh = completion.decidedAt <= run.endedAt && run.endedAt - completion.decidedAt < FIX_MS;
    if (!completion.isStanding || !completion.onDisk || !fresh || path === null) {
      return null;
    }
    const document = this.tracked.documentOf(completion);
    const range = document?.rangeOf(completion.span);
    const startLine = range?.start.line ?? completion.resting?.startLine;
    const endLine = range?.end.line ?? completion.resting?.endLine;
    if (startLine === undefined || endLine === undefined) {
      return null;
    }
    // A long file is taken apart once, however many completions stand in it.
    const lines = known.get(path) ?? document?.text.split('\n') ?? completion.resting!.lines;
    known.set(path, lines);
    const scope = scopeOf(lines, startLine, endLine);
    return { id: completion.record.id, path, startLine, endLine, scope, acceptedAt: completion.decidedAt };
  }
}
