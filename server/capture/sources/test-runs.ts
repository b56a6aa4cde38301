/** Test runs: which completion is blamed for a failure, when it is fixed, and which tests cannot be believed. */

import * as nodePath from 'node:path';
import type { ClientNotifications } from '../../protocol/messages';
import { BUILD } from '../../test-output/compilers';
import { normalise } from '../../test-output/normalise';
import type { TestFailure, TestReport } from '../../test-output/report';
import { idOf, isGreen, isRed, keyOf } from '../../test-output/run-result';
import type { Clock } from '../clock';
import { sameForm } from '../edits/mechanical';
import type { CaptureEvents } from '../events';
import type { CapturePolicy } from '../policy';
import type { RedactingStore } from '../redacting-store';
import type { TrackedCompletions } from '../tracking/completions';
import type { TrackedCompletion } from '../tracking/tracked-completion';
import { attribute } from './attribution';
import { CaptureBuilds } from './builds';
import type { FailingTests } from './failing-tests';
import { RunFiles } from './run-files';
import { RunHistory } from './run-history';
import { type Suspect, suspectsOf } from './suspects';

type Run = ClientNotifications['hindsight/run'];

/** What a run printed, or wrote to a report file → what it says of tests; off the event loop. */
export type ReadRun = (output: string, isReport: boolean) => Promise<TestReport | null>;

/** Failures that are attributed in one run, at most. */
const MOST_FAILURES = 30;
const FLAKY = 'The test is flaky: it failed and passed with nothing changed in between.';
const SEVERAL = 'Several completions could have caused the test failure.';
const ELSEWHERE = 'The test passes again without a change to the completion.';

/** A run with what is needed to judge it. */
interface Judged {
  run: Run;
  key: string;
  failing: readonly TestFailure[];
  /** Tests that passed, where the runner lists them. */
  passed: ReadonlySet<string>;
  /** Tests in all, where the runner counts them. */
  total: number | null;
  green: boolean;
  /** It failed to compile, before any test ran. */
  isBuild: boolean;
  files: RunFiles;
  suspects: ReadonlyMap<string, Suspect>;
  /** When a document was saved last. */
  savedAt: number;
}

export class CaptureRuns {
  private readonly history = new RunHistory();
  private readonly builds: CaptureBuilds;
  private savedAt = 0;

  constructor(
    private readonly tracked: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly out: RedactingStore,
    private readonly clock: Clock,
    private readonly policy: CapturePolicy,
    private readonly read: ReadRun,
    private readonly failingTests: FailingTests,
  ) {
    this.builds = new CaptureBuilds(tracked, events, out, clock, policy);
  }

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
    // What stands where is remembered now; the rest is done without holding up what the editor reports next.
    const suspects = suspectsOf(this.tracked, run.endedAt);
    const savedAt = this.savedAt;
    const reading = this.read(run.output, run.source === 'report');
    // Whoever waits for it in its turn is told.
    reading.catch(() => undefined);
    this.out.enqueue(async () => this.ended(run, await reading, suspects, savedAt));
  }

  private async ended(
    run: Run,
    report: TestReport | null,
    suspects: ReadonlyMap<string, Suspect>,
    savedAt: number,
  ): Promise<void> {
    const red = isRed(run, report);
    if (!red && !isGreen(run, report)) {
      return;
    }
    const failing = red ? (report?.failures ?? []).slice(0, MOST_FAILURES) : [];
    const known = report !== null && report.runner !== BUILD && (report.passed ?? report.failed) !== null;
    const counted = known && !report.uncounted;
    const paths = [...new Set([...suspects.values()].map(({ candidate }) => candidate.path))];
    await this.judge({
      run,
      key: keyOf(run),
      failing,
      passed: new Set(report?.passedNames),
      total: counted ? (report.passed ?? 0) + (report.failed ?? failing.length) : null,
      green: !red,
      isBuild: red && report?.runner === BUILD,
      files: await RunFiles.load(failing, run.cwd, this.policy, paths),
      suspects,
      savedAt,
    });
  }

  private async judge(judged: Judged): Promise<void> {
    const { run, key, files, failing, savedAt, total, green, suspects } = judged;
    if (green || judged.isBuild) {
      this.builds.ended({ key, errors: green ? [] : failing, files, suspects, endedAt: run.endedAt });
    }
    if (judged.isBuild) {
      return;
    }
    this.failingTests.ended(run, failing, files);
    const ids = new Map(failing.map((failure) => [idOf(failure), files.pathsOf(failure)]));
    const flipped = await this.history.flipped(key, ids, savedAt, this.clock.now());
    if (flipped.length > 0) {
      this.doubt(judged, flipped);
    }
    const believed = failing.filter((failure) =>
      this.history.isBelieved(key, idOf(failure), this.clock.now()),
    );
    this.close(judged);
    this.blame(judged, believed);
    this.history.remember(key, { startedAt: run.startedAt, failing: ids, total });
  }

  /** Completions that were blamed for flaky tests are blamed no longer. */
  private doubt(judged: Judged, flaky: readonly string[]): void {
    for (const completion of this.tracked.all()) {
      const failure = completion.failure;
      const names = failure?.key === judged.key && failure.fixedAt === null ? failure.names : [];
      if (names.length > 0 && names.every((name) => flaky.includes(name))) {
        completion.failure = null;
        completion.doubt = FLAKY;
        this.events.update(completion);
      }
    }
    const newlyRed = judged.failing.filter((failure) => flaky.includes(idOf(failure)));
    for (const [{ completion }] of this.verdicts(judged, newlyRed).blamed) {
      if (!completion.failure) {
        completion.doubt = FLAKY;
        this.events.update(completion);
      }
    }
  }

  /** Failures that are gone: fixed by an edit of the completion, or by something else. */
  private close(judged: Judged): void {
    const still = new Set(judged.failing.map(idOf));
    for (const completion of this.tracked.all()) {
      const failure = completion.failure;
      if (!failure || failure.fixedAt !== null) {
        continue;
      }
      const left = failure.names.filter((name) => !this.isGone(name, failure.key, still, judged));
      if (left.length > 0) {
        // Some of its tests pass: the others wait on.
        failure.names = left;
        continue;
      }
      if (isChanged(completion, judged.suspects.get(completion.record.id)?.text)) {
        failure.fixedAt = this.clock.now();
        this.events.note(completion, 'test-fixed', completion.current);
      } else {
        completion.failure = null;
        completion.doubt = ELSEWHERE;
      }
      this.events.update(completion);
    }
  }

  /** Whether a test passes now: a run that broke off before it came to it says nothing of it. */
  private isGone(name: string, of: string, still: ReadonlySet<string>, judged: Judged): boolean {
    const { key, passed, green, total, failing } = judged;
    if (still.has(name) && key === of) {
      return false;
    }
    if (name !== '' && passed.has(name)) {
      return true;
    }
    const all = this.history.ranAll(key, total) && failing.every((failure) => failure.name !== '');
    return key === of && (green || all);
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
        editsThen: completion.editCount,
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
        startedAt: run.startedAt,
        pathOf: (frame) => files.pathOf(frame, failure),
        isTest: (frame) => files.isTest(frame, failure),
        source: (frame) => files.source(frame, failure),
        path: nodePath,
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
}

/** Whether the completion was edited since its test failed; what a formatter did in between is no fix. */
function isChanged(completion: TrackedCompletion, text = completion.current): boolean {
  const { failure, record } = completion;
  const edited = completion.editCount > failure!.editsThen;
  return text !== failure!.textThen && (edited || !sameForm(failure!.textThen, text, record.languageId));
}
