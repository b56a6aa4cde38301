/** Watches for test reports that other programs drop in the workspace: JUnit's XML, TAP, go test's JSON. */

import { type Disposable, type LogOutputChannel, Uri, workspace } from 'vscode';
import { messageOf } from '../log';
import type { HindsightClient } from '../server/client';
import { mayBeReport, mayBeReportFolder, REPORT_GLOB, readReport, reportsIn, writtenAt } from './report-file';

/** A report is read when nobody has written to it for this long, in ms. */
const QUIET_MS = 400;
/** Waiting files, at most: a checkout that rewrites thousands of them is no test run. */
const MOST = 500;

export class ReportWatch implements Disposable {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** When each report that was sent was written. */
  private readonly sent = new Map<string, number>();
  private readonly watcher = workspace.createFileSystemWatcher(REPORT_GLOB, false, false, true);
  /** What is written into a folder in the moment it is made can escape the watcher on files. */
  private readonly folders = workspace.createFileSystemWatcher('**/*', false, true, true);

  constructor(
    private readonly client: HindsightClient,
    private readonly log: LogOutputChannel,
  ) {
    this.watcher.onDidCreate((uri) => this.changed(uri));
    this.watcher.onDidChange((uri) => this.changed(uri));
    this.folders.onDidCreate((uri) => {
      if (mayBeReportFolder(uri.fsPath)) this.later(uri, () => this.readFolder(uri));
    });
  }

  dispose(): void {
    this.watcher.dispose();
    this.folders.dispose();
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private changed(uri: Uri): void {
    if (mayBeReport(uri.fsPath)) this.later(uri, () => this.read(uri));
  }

  /** Once nothing has happened to it for a moment. */
  private later(uri: Uri, work: () => void): void {
    const path = uri.fsPath;
    if (!workspace.isTrusted || uri.scheme !== 'file') return;
    if (!this.timers.has(path) && this.timers.size >= MOST) return;
    clearTimeout(this.timers.get(path));
    const timer = setTimeout(() => {
      this.timers.delete(path);
      work();
    }, QUIET_MS);
    this.timers.set(path, timer);
  }

  private async readFolder(uri: Uri): Promise<void> {
    for (const path of await reportsIn(uri.fsPath)) await this.read(Uri.file(path));
  }

  private async read(uri: Uri): Promise<void> {
    const path = uri.fsPath;
    try {
      const at = await writtenAt(path);
      if (at === null || this.sent.get(path) === at) return;
      if (Math.abs(Date.now() - at) < QUIET_MS / 2) {
        this.changed(uri);
        return;
      }
      this.sent.set(path, at);
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
