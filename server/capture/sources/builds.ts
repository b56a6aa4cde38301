/** Compilers' errors in a build's output: they are on the accepted text's lines as diagnostics are, and count as they do. */
import * as nodePath from 'node:path';
import { normalise } from '../../test-output/normalise';
import { samePath } from '../../test-output/places';
import type { TestFailure } from '../../test-output/report';
import type { Clock } from '../clock';
import type { CaptureEvents } from '../events';
import type { CapturePolicy } from '../policy';
import type { RedactingStore } from '../redacting-store';
import type { TrackedCompletions } from '../tracking/completions';
import type { RunFiles } from './run-files';
import type { Suspect } from './suspects';

/** A build that ended. */
export interface Build {
  /** The command and its folder. */
  key: string;
  /** Its errors; none where it passed. */
  errors: readonly TestFailure[];
  files: RunFiles;
  suspects: ReadonlyMap<string, Suspect>;
  endedAt: number;
}

export class CaptureBuilds {
  constructor(
    private readonly tracked: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly out: RedactingStore,
    private readonly clock: Clock,
    private readonly policy: CapturePolicy,
  ) {}

  ended(build: Build): void {
    const found = new Map<Suspect, TestFailure[]>();
    const seen: string[] = [];
    for (const error of build.errors) {
      const [frame] = error.frames;
      const path = frame ? build.files.pathOf(frame, error) : null;
      if (path === null) {
        continue;
      }
      seen.push(path);
      const on = [...build.suspects.values()].filter(
        ({ candidate: { path: own, startLine, endLine } }) =>
          samePath(own, path, nodePath) && frame!.line > startLine && frame!.line <= endLine + 1,
      );
      // Of several on one line none is known to be the wrong one.
      if (on.length === 1) {
        found.set(on[0]!, [...(found.get(on[0]!) ?? []), error]);
      }
    }
    this.close(build, found, seen);
    for (const [suspect, errors] of found) {
      this.failed(build, suspect, errors);
    }
  }

  private failed(
    build: Build,
    { completion, text: textThen }: Suspect,
    errors: readonly TestFailure[],
  ): void {
    const before = completion.diagnostic?.fixedAt === null ? completion.diagnostic : null;
    const at = before?.at ?? build.endedAt;
    completion.diagnostic = { text: before?.text ?? '', at, fixedAt: null, textThen, build: build.key };
    this.out.enqueue(async () => {
      const text = await normalise(errors, this.policy.folders);
      if (completion.diagnostic && text !== before?.text) {
        completion.diagnostic.text = text;
        this.events.note(completion, 'diagnostic', text);
      }
      this.events.update(completion);
    });
  }

  /** Errors that are gone: the build passes, or it came to the file and has no word against this text. */
  private close(build: Build, found: ReadonlyMap<Suspect, unknown>, seen: readonly string[]): void {
    const failing = new Set([...found.keys()].map(({ completion }) => completion));
    for (const completion of this.tracked.all()) {
      const { diagnostic, record } = completion;
      if (
        !diagnostic ||
        diagnostic.build !== build.key ||
        diagnostic.fixedAt !== null ||
        failing.has(completion)
      ) {
        continue;
      }
      const suspect = build.suspects.get(record.id);
      const path = suspect?.candidate.path;
      const compiled = path !== undefined && seen.some((one) => samePath(one, path, nodePath));
      if (build.errors.length > 0 && !compiled) {
        continue;
      }
      if ((suspect?.text ?? completion.current) !== diagnostic.textThen) {
        diagnostic.fixedAt = this.clock.now();
        this.events.note(completion, 'diagnostic-fixed', completion.current);
      } else {
        completion.diagnostic = null;
      }
      this.events.update(completion);
    }
  }
}
