/** "Hindsight: Run Tests": the project's tests in a terminal of ours, whose output is never lost. */

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, type Disposable, type WorkspaceFolder, window, workspace } from 'vscode';
import type { HindsightClient } from '../server/client';
import { exampleFor, guessTestCommand, PROJECT_FILES, type Project, usesPython } from './test-command';
import { TestTerminal } from './test-terminal';

interface Asked {
  command: string;
  cwd: string;
}

export class TestRunner implements Disposable {
  private terminal: TestTerminal | undefined;
  private last: Asked | undefined;

  constructor(private readonly client: HindsightClient) {}

  /** Asks for the folder where there are several, and runs its tests. */
  async run(): Promise<void> {
    if (!isTrusted()) return;
    const folder = await chooseFolder();
    if (!folder) return;
    const command = await commandFor(folder);
    if (!command) return askForCommand(folder);
    await this.start({ command, cwd: folder.uri.fsPath });
  }

  /** The last run once more; the first one where there was none. */
  async again(): Promise<void> {
    if (!isTrusted()) return;
    await (this.last ? this.start(this.last) : this.run());
  }

  private async start(asked: Asked): Promise<void> {
    this.last = asked;
    await workspace.saveAll(false);
    if (!this.terminal?.isAlive) this.terminal = new TestTerminal(() => void this.again());
    this.terminal.show(`Hindsight: ${asked.command}`);
    await this.terminal.run(asked.command, asked.cwd, (report) =>
      this.client.notify('hindsight/run', { source: 'run-tests', ...report }),
    );
  }

  dispose(): void {
    this.terminal?.close();
  }
}

function isTrusted(): boolean {
  if (!workspace.isTrusted) window.showWarningMessage('Hindsight runs tests in trusted workspaces only.');
  return workspace.isTrusted;
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

async function askForCommand(folder: WorkspaceFolder): Promise<void> {
  const example = exampleFor(window.activeTextEditor?.document.languageId ?? '');
  const choice = await window.showWarningMessage(
    `How ${folder.name} runs its tests could not be guessed. Set the command, for instance “${example}”.`,
    'Set Command',
  );
  if (choice) await commands.executeCommand('workbench.action.openSettings', 'hindsight.tests.command');
}

/** The project on disk, read without holding the editor up, however large its folder is. */
async function projectAt(root: string): Promise<Project> {
  const names = new Set(await readdir(root).catch(() => []));
  const texts = new Map<string, string>();
  for (const name of PROJECT_FILES.filter((each) => names.has(each)))
    texts.set(name, await readFile(join(root, name), 'utf8').catch(() => ''));
  const project = {
    has: (name: string) => names.has(name),
    read: (name: string) => texts.get(name),
    names: () => [...names],
    windows: process.platform === 'win32',
  };
  return { ...project, python: usesPython(project) ? await pythonOf(root, names) : UNKNOWN_PYTHON };
}

const UNKNOWN_PYTHON = { command: 'python', pytest: true };
const ASK_MS = 10_000;

/** The project's own Python, or the system's; and whether it has pytest. */
async function pythonOf(root: string, names: ReadonlySet<string>): Promise<Project['python']> {
  const inside = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const own = ['.venv', 'venv', 'env'].filter((name) => names.has(name)).map((name) => join(name, ...inside));
  for (const command of [...own, 'python3', 'python']) {
    const pytest = await imports(own.includes(command) ? join(root, command) : command, root);
    if (pytest !== null) return { command, pytest };
  }
  return UNKNOWN_PYTHON;
}

/** Whether this Python has pytest; null where there is no such Python. */
function imports(python: string, cwd: string): Promise<boolean | null> {
  return new Promise((resolve) => {
    // -I: a file of the project by that name is not run.
    execFile(python, ['-I', '-c', 'import pytest'], { cwd, timeout: ASK_MS }, (error) => {
      if (!error) resolve(true);
      else resolve(error.code === 1 ? false : null);
    });
  });
}
