/** Commands run in terminals with shell integration, and tasks: what they printed and how they ended. */

import {
  Disposable,
  type TaskScope,
  type TerminalShellExecution,
  tasks,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { HindsightClient } from '../server/client';
import { CappedText } from './capped-text';
import { looksLikeRun } from './test-like';

/** Characters kept of the head and of the tail of an output: the server parses test reports, not novels. */
const HALF = 128 * 1024;
/** The last of the output may come after the exit code. */
const OUTPUT_GRACE_MS = 1000;

interface Running {
  startedAt: number;
  output: CappedText;
  /** Settles when the stream of output has ended. */
  read: Promise<void>;
}

export class TerminalWatch implements Disposable {
  private readonly running = new Map<TerminalShellExecution, Running>();
  private readonly taskStarts = new Map<number, number>();
  /** Commands that failed as a run: that they pass is worth knowing, whatever they print then. */
  private readonly failed = new Set<string>();
  private readonly subscriptions: Disposable;

  constructor(private readonly client: HindsightClient) {
    this.subscriptions = Disposable.from(
      window.onDidStartTerminalShellExecution(({ execution }) => this.started(execution)),
      window.onDidEndTerminalShellExecution(({ execution, exitCode }) => this.ended(execution, exitCode)),
      tasks.onDidStartTaskProcess(({ processId }) => this.taskStarts.set(processId, Date.now())),
      tasks.onDidEndTaskProcess(({ execution, exitCode }) =>
        this.taskEnded(execution.task.name, execution.task.scope, exitCode),
      ),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.running.clear();
  }

  private started(execution: TerminalShellExecution): void {
    if (!workspace.isTrusted) return;
    const output = new CappedText(HALF);
    // Asked for at once: what a command printed before read() is lost.
    const stream = execution.read();
    const read = (async () => {
      for await (const piece of stream) output.add(piece);
    })().catch(() => {});
    this.running.set(execution, { startedAt: Date.now(), output, read });
  }

  private async ended(execution: TerminalShellExecution, exitCode: number | undefined): Promise<void> {
    const running = this.running.get(execution);
    if (!running) return;
    this.running.delete(execution);
    const endedAt = Date.now();
    await Promise.race([running.read, new Promise((resolve) => setTimeout(resolve, OUTPUT_GRACE_MS))]);
    const command = execution.commandLine.value.trim();
    if (!command) return;
    const output = withoutMarks(running.output.toString());
    const isRun = looksLikeRun(command, output, exitCode ?? null);
    if (!isRun && !this.failed.has(command)) return;
    if (exitCode === 0) this.failed.delete(command);
    else this.failed.add(command);
    this.client.notify('hindsight/run', {
      source: 'terminal',
      command,
      cwd: execution.cwd?.fsPath ?? workspace.workspaceFolders?.[0]?.uri.fsPath ?? '',
      exitCode: exitCode ?? null,
      output: isRun ? output : '',
      startedAt: running.startedAt,
      endedAt,
    });
  }

  /** Tasks give their exit code only; empty output means unknown. */
  private taskEnded(
    name: string,
    scope: TaskScope | { uri: Uri } | undefined,
    exitCode: number | undefined,
  ): void {
    const startedAt = Math.max(0, ...this.taskStarts.values()) || Date.now();
    this.taskStarts.clear();
    if (!workspace.isTrusted) return;
    const folder = typeof scope === 'object' ? scope.uri : workspace.workspaceFolders?.[0]?.uri;
    this.client.notify('hindsight/run', {
      source: 'task',
      command: name,
      cwd: folder instanceof Uri ? folder.fsPath : '',
      exitCode: exitCode ?? null,
      output: '',
      startedAt,
      endedAt: Date.now(),
    });
  }
}

/** The output without shell integration's own marks (OSC 633). */
export function withoutMarks(output: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes are control characters
  return output.replace(/\u001b\]633;[^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '');
}
