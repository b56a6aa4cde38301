/** One terminal for all test runs: it shows what a command prints, and keeps it. One run at a time. */

import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, type Pseudoterminal, type Terminal, window } from 'vscode';
import { CappedText } from '../signals/capped-text';

const HALF = 128 * 1024;
/** A command that is told to end has so long before it is ended, in ms. */
const GRACE_MS = 2_000;
/** Runners that see no terminal print no colours, unless they are told to. */
const COLOURS = { FORCE_COLOR: '1', CLICOLOR_FORCE: '1', PY_COLORS: '1', CARGO_TERM_COLOR: 'always' };

export interface Report {
  command: string;
  cwd: string;
  exitCode: number | null;
  output: string;
  startedAt: number;
  endedAt: number;
}

interface Running {
  child: ChildProcess;
  ended: Promise<void>;
}

export class TestTerminal implements Pseudoterminal {
  private readonly write = new EventEmitter<string>();
  readonly onDidWrite = this.write.event;
  private readonly closed = new EventEmitter<number | undefined>();
  readonly onDidClose = this.closed.event;
  private readonly renamed = new EventEmitter<string>();
  readonly onDidChangeName = this.renamed.event;
  private readonly opened: Promise<void>;
  private isOpen = () => {};
  private terminal: Terminal | undefined;
  private running: Running | null = null;

  /** @param again the developer asks in the terminal for the same run once more */
  constructor(private readonly again: () => void) {
    this.opened = new Promise((resolve) => {
      this.isOpen = resolve;
    });
  }

  /** False once the developer has closed it: another one is needed. */
  isAlive = true;

  show(name: string): void {
    this.terminal ??= window.createTerminal({ name, pty: this });
    this.renamed.fire(name);
    this.terminal.show(true);
  }

  /** Runs a command; one that is running is ended first. */
  async run(command: string, cwd: string, done: (report: Report) => void): Promise<void> {
    await this.opened;
    await this.end();
    if (!this.isAlive) return;
    const output = new CappedText(HALF);
    const startedAt = Date.now();
    // What is on the screen of an earlier run would be taken for this one's.
    this.write.fire('\u001b[2J\u001b[3J\u001b[H');
    this.print(`\u001b[2m${cwd}\u001b[0m\n$ ${command}\n`);
    // A process group of its own, so that Ctrl-C ends what the shell started too.
    const child = spawn(command, {
      cwd,
      shell: true,
      detached: process.platform !== 'win32',
      env: { ...COLOURS, ...process.env },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        output.add(text);
        this.print(text);
      });
    }
    const ended = new Promise<void>((resolve) => {
      let over = false;
      const end = (exitCode: number | null, note: string) => {
        if (over) return;
        over = true;
        this.running = null;
        this.print(`\n\u001b[2m${note} Press Enter to run it again, another key to close.\u001b[0m\n`);
        done({ command, cwd, exitCode, output: output.toString(), startedAt, endedAt: Date.now() });
        resolve();
      };
      child.on('error', (error) => end(null, `It could not be started: ${error.message}.`));
      child.on('close', (code) => end(code, code === 0 ? 'It passed.' : `It ended with exit code ${code}.`));
    });
    this.running = { child, ended };
  }

  open(): void {
    this.isOpen();
  }

  handleInput(data: string): void {
    if (this.running) {
      if (data === '\u0003') void this.end();
    } else if (data === '\r') this.again();
    else this.closed.fire(undefined);
  }

  close(): void {
    this.isAlive = false;
    void this.end();
  }

  private print(text: string): void {
    this.write.fire(text.replace(/\r?\n/g, '\r\n'));
  }

  /** Resolves once nothing runs. */
  private async end(): Promise<void> {
    const { running } = this;
    if (!running) return;
    kill(running.child, 'SIGTERM');
    const timer = setTimeout(() => kill(running.child, 'SIGKILL'), GRACE_MS);
    await running.ended;
    clearTimeout(timer);
  }
}

function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (!pid) return;
  try {
    if (process.platform === 'win32') spawn('taskkill', ['/pid', String(pid), '/t', '/f']);
    else process.kill(-pid, signal);
  } catch {
    // It ended in this very moment.
  }
}
