/** "Hindsight: Run Tests": the project's tests in a terminal of ours, whose output is never lost. */

import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Disposable,
  EventEmitter,
  type Pseudoterminal,
  type WorkspaceFolder,
  window,
  workspace,
} from 'vscode';
import type { HindsightClient } from '../server/client';
import { CappedText } from '../signals/capped-text';
import { guessTestCommand, PROJECT_FILES, type Project } from './test-command';

const HALF = 128 * 1024;

export class TestRunner implements Disposable {
  private running: TestTerminal | undefined;

  constructor(private readonly client: HindsightClient) {}

  /** Asks for the folder where there are several, and runs its tests. */
  async run(): Promise<void> {
    if (!workspace.isTrusted) {
      window.showWarningMessage('Hindsight runs tests in trusted workspaces only.');
      return;
    }
    const folder = await chooseFolder();
    if (!folder) return;
    const command = await commandFor(folder);
    if (!command) {
      window.showWarningMessage(
        'How this project runs its tests could not be guessed. Set “hindsight.tests.command”, for instance to “npm test”.',
      );
      return;
    }
    await workspace.saveAll(false);
    this.running?.close();
    const pty = new TestTerminal(command, folder.uri.fsPath, (report) =>
      this.client.notify('hindsight/run', { source: 'run-tests', ...report }),
    );
    this.running = pty;
    window.createTerminal({ name: `Hindsight: ${command}`, pty }).show(true);
  }

  dispose(): void {
    this.running?.close();
  }
}

async function chooseFolder(): Promise<WorkspaceFolder | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    window.showWarningMessage('Open a folder first: Hindsight runs the tests of a project.');
    return undefined;
  }
  const active =
    window.activeTextEditor && workspace.getWorkspaceFolder(window.activeTextEditor.document.uri);
  if (active || folders.length === 1) return active ?? folders[0];
  return window.showWorkspaceFolderPick({ placeHolder: 'Run the tests of which folder?' });
}

async function commandFor(folder: WorkspaceFolder): Promise<string | undefined> {
  const given = workspace.getConfiguration('hindsight', folder).get<string>('tests.command', '').trim();
  return given || guessTestCommand(await projectAt(folder.uri.fsPath));
}

/** The project on disk, read without holding the editor up, however large its folder is. */
async function projectAt(root: string): Promise<Project> {
  const names = new Set(await readdir(root).catch(() => []));
  const texts = new Map<string, string>();
  for (const name of PROJECT_FILES.filter((each) => names.has(each)))
    texts.set(name, await readFile(join(root, name), 'utf8').catch(() => ''));
  return { has: (name) => names.has(name), read: (name) => texts.get(name), names: () => [...names] };
}

interface Report {
  command: string;
  cwd: string;
  exitCode: number | null;
  output: string;
  startedAt: number;
  endedAt: number;
}

/** A terminal that shows a child process and keeps what it prints. */
class TestTerminal implements Pseudoterminal {
  private readonly write = new EventEmitter<string>();
  readonly onDidWrite = this.write.event;
  private readonly closed = new EventEmitter<number | undefined>();
  readonly onDidClose = this.closed.event;
  private child: ChildProcess | undefined;
  private over = false;

  constructor(
    private readonly command: string,
    private readonly cwd: string,
    private readonly done: (report: Report) => void,
  ) {}

  open(): void {
    const output = new CappedText(HALF);
    const startedAt = Date.now();
    const print = (text: string) => this.write.fire(text.replace(/\r?\n/g, '\r\n'));
    print(`\u001b[2m${this.cwd}\u001b[0m\n$ ${this.command}\n`);
    // A process group of its own, so that Ctrl-C ends what the shell started too.
    const child = spawn(this.command, {
      cwd: this.cwd,
      shell: true,
      detached: process.platform !== 'win32',
      env: { ...process.env, FORCE_COLOR: process.env.FORCE_COLOR ?? '0' },
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        output.add(text);
        print(text);
      });
    }
    const end = (exitCode: number | null, note: string) => {
      if (this.over) return;
      this.over = true;
      print(`\n\u001b[2m${note} Press a key to close.\u001b[0m\n`);
      const { command, cwd } = this;
      this.done({ command, cwd, exitCode, output: output.toString(), startedAt, endedAt: Date.now() });
    };
    child.on('error', (error) => end(null, `It could not be started: ${error.message}.`));
    child.on('close', (code) => end(code, code === 0 ? 'It passed.' : `It ended with exit code ${code}.`));
  }

  handleInput(data: string): void {
    if (this.over) this.closed.fire(undefined);
    else if (data === '\u0003') this.kill();
  }

  close(): void {
    this.kill();
  }

  private kill(): void {
    const { child } = this;
    if (!child?.pid || this.over) return;
    try {
      if (process.platform === 'win32') child.kill();
      else process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It ended in this very moment.
    }
  }
}
