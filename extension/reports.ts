/** Watches for test reports that other programs drop in the workspace: JUnit's XML, TAP, go test's JSON. */

import { type Disposable, type LogOutputChannel, type Uri, workspace } from 'vscode';
import type { HindsightClient } from './client';
import { messageOf } from './log';
import { mayBeReport, REPORT_GLOB, readReport, writtenAt } from './report-file';

/** A report is read when nobody has written to it for this long, in ms. */
const QUIET_MS = 400;
/** Waiting files, at most: a checkout that rewrites thousands of them is no test run. */
const MOST = 500;

export class ReportWatch implements Disposable {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** When each report that was told of was written. */
  private readonly told = new Map<string, number>();
  private readonly watcher = workspace.createFileSystemWatcher(REPORT_GLOB, false, false, true);

  constructor(
    private readonly client: HindsightClient,
    private readonly log: LogOutputChannel,
  ) {
    this.watcher.onDidCreate((uri) => this.changed(uri));
    this.watcher.onDidChange((uri) => this.changed(uri));
  }

  dispose(): void {
    this.watcher.dispose();
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private changed(uri: Uri): void {
    const path = uri.fsPath;
    if (!workspace.isTrusted || uri.scheme !== 'file' || !mayBeReport(path)) return;
    if (!this.timers.has(path) && this.timers.size >= MOST) return;
    clearTimeout(this.timers.get(path));
    this.timers.set(
      path,
      setTimeout(() => this.look(uri), QUIET_MS),
    );
  }

  private async look(uri: Uri): Promise<void> {
    const path = uri.fsPath;
    this.timers.delete(path);
    try {
      const at = await writtenAt(path);
      if (at === null || this.told.get(path) === at) return;
      if (Math.abs(Date.now() - at) < QUIET_MS / 2) {
        this.changed(uri);
        return;
      }
      this.told.set(path, at);
      const report = await readReport(path);
      const folder = workspace.getWorkspaceFolder(uri)?.uri.fsPath;
      if (!report || !folder) return;
      this.log.debug(`Test report: ${path}`);
      this.client.notify('hindsight/run', {
        source: 'report',
        command: workspace.asRelativePath(uri, false),
        cwd: folder,
        exitCode: null,
        ...report,
      });
    } catch (error) {
      this.log.debug(`The report ${path} could not be read: ${messageOf(error)}`);
    }
  }
}
