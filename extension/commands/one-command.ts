/** Runs one command at a time in a shell. Knows no editor, so that it can be tested alone. */

import { type ChildProcess, spawn } from 'node:child_process';

/** A command that is told to end has so long before it is ended, in ms. */
const GRACE_MS = 2_000;
/** Runners that see no terminal print no colours, unless they are told to. */
const COLOURS = { FORCE_COLOR: '1', CLICOLOR_FORCE: '1', PY_COLORS: '1', CARGO_TERM_COLOR: 'always' };

export interface CommandEvents {
  /** It is about to start: nothing else runs. */
  started(): void;
  printed(text: string): void;
  /**
   * @param error why it could not be started, where it could not
   * @param stopped it was ended from here, and what it printed is not all
   */
  ended(exitCode: number | null, error: Error | undefined, stopped: boolean): void;
}

export class OneCommand {
  private running: { child: ChildProcess; ended: Promise<void>; stopped: boolean } | null = null;
  private asked = 0;

  get isRunning(): boolean {
    return this.running !== null;
  }

  /**
   * Ends what runs and then starts this. Where it is asked for several within that time, the last is started alone.
   * Resolves once it was started, or given up for a later one.
   */
  async run(command: string, cwd: string, events: CommandEvents): Promise<void> {
    this.asked += 1;
    const turn = this.asked;
    await this.endRunning();
    if (turn !== this.asked) return;
    events.started();
    // A process group of its own, so that Ctrl-C ends what the shell started too.
    const child = spawn(command, {
      cwd,
      shell: true,
      detached: process.platform !== 'win32',
      env: { ...COLOURS, ...process.env },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => events.printed(text));
    }
    const ended = new Promise<void>((resolve) => {
      let over = false;
      const end = (exitCode: number | null, error?: Error) => {
        if (over) return;
        over = true;
        const stopped = this.running?.stopped ?? false;
        this.running = null;
        events.ended(exitCode, error, stopped);
        resolve();
      };
      child.on('error', (error) => end(null, error));
      child.on('close', (code) => end(code));
    });
    this.running = { child, ended, stopped: false };
  }

  /** Resolves once nothing runs; what was asked for and has not started yet will not. */
  async end(): Promise<void> {
    this.asked += 1;
    await this.endRunning();
  }

  private async endRunning(): Promise<void> {
    const { running } = this;
    if (!running) return;
    running.stopped = true;
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
