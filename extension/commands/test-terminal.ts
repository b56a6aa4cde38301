/** One terminal for all test runs: it shows what a command prints, and keeps it. One run at a time. */

import { EventEmitter, type Pseudoterminal, type Terminal, window } from 'vscode';
import type { ClientNotifications } from '../../server/protocol/messages';
import { CappedText } from '../signals/capped-text';
import { OneCommand } from './one-command';

const HALF = 128 * 1024;

export type Report = Omit<ClientNotifications['hindsight/run'], 'source'>;

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
  private readonly command = new OneCommand();

  /** @param again the developer asks in the terminal for the same run once more */
  constructor(private readonly again: () => void) {
    this.opened = new Promise((resolve) => {
      this.isOpen = resolve;
    });
  }

  /** False once it is closed: another one is needed. */
  isAlive = true;

  show(name: string): void {
    this.terminal ??= window.createTerminal({ name, pty: this });
    this.renamed.fire(name);
    this.terminal.show(true);
  }

  /** Runs a command; one that is running is ended first. */
  async run(command: string, cwd: string, done: (report: Report) => void): Promise<void> {
    await this.opened;
    if (!this.isAlive) return;
    const output = new CappedText(HALF);
    let startedAt = 0;
    await this.command.run(command, cwd, {
      started: () => {
        startedAt = Date.now();
        // What is on the screen of an earlier run would be taken for this one's.
        this.write.fire('\u001b[2J\u001b[3J\u001b[H');
        this.print(`\u001b[2m${cwd}\u001b[0m\n$ ${command}\n`);
      },
      printed: (text) => {
        output.add(text);
        this.print(text);
      },
      ended: (exitCode, error, stopped) => {
        this.print(
          `\n\u001b[2m${stopped ? 'It was stopped.' : how(exitCode, error)} Press Enter to run it again, another key to close.\u001b[0m\n`,
        );
        // What was stopped says nothing of the tests that it had not come to.
        if (stopped) return;
        done({ command, cwd, exitCode, output: output.toString(), startedAt, endedAt: Date.now() });
      },
    });
  }

  open(): void {
    this.isOpen();
  }

  handleInput(data: string): void {
    if (this.command.isRunning) {
      if (data === '\u0003') void this.command.end();
    } else if (data === '\r') this.again();
    else {
      // The editor tells of a closing that is its own alone.
      this.isAlive = false;
      this.closed.fire(undefined);
    }
  }

  close(): void {
    this.isAlive = false;
    void this.command.end();
  }

  private print(text: string): void {
    this.write.fire(text.replace(/\r?\n/g, '\r\n'));
  }
}

function how(exitCode: number | null, error?: Error): string {
  if (error) return `It could not be started: ${error.message}.`;
  return exitCode === 0 ? 'It passed.' : `It ended with exit code ${exitCode}.`;
}
