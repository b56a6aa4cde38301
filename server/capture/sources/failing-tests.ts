/** Which tests fail now: of each command the failures of its last run, with the project's files that they point at. */

import type { FailingTest } from '../../protocol/fixing';
import type { ClientNotifications } from '../../protocol/messages';
import type { TestFailure } from '../../test-output/report';
import { idOf, keyOf } from '../../test-output/run-result';
import type { RunFiles } from './run-files';

/** Commands whose failures are known. */
const MOST_COMMANDS = 10;
const MOST_PLACES = 8;
const MOST_MESSAGE = 200;

/** Its command and its name tell which completions are blamed for it. */
export interface Failing {
  key: string;
  id: string;
  test: Omit<FailingTest, 'completion'>;
}

export class FailingTests {
  private readonly byCommand = new Map<string, Failing[]>();

  constructor(private readonly changed: () => void = () => undefined) {}

  /** A run ended: red with its failures, or green with none. Reports name no command that could be run again. */
  ended(run: ClientNotifications['hindsight/run'], failing: readonly TestFailure[], files: RunFiles): void {
    if (run.source === 'report') return;
    const key = keyOf(run);
    const hadAny = this.byCommand.delete(key);
    if (failing.length > 0) {
      this.byCommand.set(
        key,
        failing.map((failure) => ({ key, id: idOf(failure), test: told(run, failure, files) })),
      );
      for (const oldest of [...this.byCommand.keys()].slice(0, -MOST_COMMANDS)) this.byCommand.delete(oldest);
    }
    if (hadAny || failing.length > 0) this.changed();
  }

  /** The latest run's first. */
  list(): Failing[] {
    return [...this.byCommand.values()].reverse().flat();
  }

  clear(): void {
    this.byCommand.clear();
    this.changed();
  }
}

function told(
  { command, cwd }: ClientNotifications['hindsight/run'],
  failure: TestFailure,
  files: RunFiles,
): Failing['test'] {
  const places = failure.frames.flatMap((frame) => {
    const path = files.pathOf(frame, failure);
    return path === null ? [] : [{ path, line: frame.line, isTest: files.isTest(frame, failure) }];
  });
  const message = failure.message.split('\n')[0]!.slice(0, MOST_MESSAGE);
  return { name: failure.name, message, command, cwd, places: places.slice(0, MOST_PLACES) };
}
