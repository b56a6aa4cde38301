/** The server's side of the trainer process: starts, pauses, continues and ends it. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import type { FromTrainer, ToTrainer } from '../types';

const CAN_STOP = process.platform !== 'win32';
/** Last of what the process wrote to stderr, kept for the sentence about its end. */
const STDERR_KEPT = 2000;

export class TrainerProcess {
  private readonly child: ChildProcess;
  private stderr = '';
  private pausedAt: number | null = null;
  private killed = false;
  private ended = false;
  private guard: ChildProcess | null = null;

  /**
   * @param entry the trainer's bundle, or its source where tsx is installed
   * @param onMessage what the trainer tells
   * @param onEnd called once with a sentence when the process ends by itself without having said why
   */
  constructor(
    entry: string,
    private readonly onMessage: (message: FromTrainer) => void,
    private readonly onEnd: (sentence: string) => void,
  ) {
    this.child = fork(entry, [], {
      serialization: 'advanced',
      execArgv: [...(entry.endsWith('.ts') ? ['--require', 'tsx/cjs'] : []), ...inspectArguments()],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (data: Buffer) => {
      this.stderr = (this.stderr + data.toString()).slice(-STDERR_KEPT);
    });
    // A stopped process would not notice that its parent has gone.
    process.once('exit', this.kill);
    this.child.on('message', (message) => this.onMessage(message as FromTrainer));
    this.child.on('error', (error) => this.end(`The trainer could not be started (${error.message}).`));
    this.child.on('exit', (code, signal) => this.end(whyEnded(code, signal, this.stderr)));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: ToTrainer): void {
    if (this.child.connected) this.child.send(message);
  }

  /** At once where the system can stop a process, else before the next micro-batch. */
  pause(): void {
    if (this.pausedAt !== null || this.ended) return;
    this.pausedAt = Date.now();
    if (CAN_STOP) {
      this.guard ??= guardOf(this.child);
      this.child.kill('SIGSTOP');
    } else this.send({ type: 'pause' });
  }

  resume(): void {
    if (this.pausedAt === null || this.ended) return;
    const pausedMs = Date.now() - this.pausedAt;
    this.pausedAt = null;
    this.send({ type: 'resume', pausedMs });
    if (CAN_STOP) this.child.kill('SIGCONT');
  }

  get isPaused(): boolean {
    return this.pausedAt !== null;
  }

  /** Ends it now; a stopped process too. Safe: it owns nothing that could be left half-written. */
  readonly kill = (): void => {
    this.killed = true;
    if (!this.ended) this.child.kill('SIGKILL');
  };

  private end(sentence: string): void {
    if (this.ended) return;
    this.ended = true;
    process.off('exit', this.kill);
    this.guard?.kill('SIGKILL');
    if (!this.killed) this.onEnd(sentence);
  }
}

/** Where a developer of Hindsight debugs the trainer (extension/development.ts). */
function inspectArguments(): string[] {
  const port = process.env.HINDSIGHT_INSPECT_TRAINER;
  return port ? [`--inspect=${port}`] : [];
}

/**
 * A stopped process does not notice that its parent has been killed, and would keep its memory for ever. This one waits
 * for it: a shell that reads from a pipe, which ends when this process does, and then ends the trainer.
 */
function guardOf({ pid }: ChildProcess): ChildProcess {
  const guard = spawn('sh', ['-c', 'read -r _; kill -KILL "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Where there is no shell, the trainer is paused without a guard.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  return guard;
}

function whyEnded(code: number | null, signal: string | null, stderr: string): string {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  if (signal === 'SIGKILL') {
    return 'The system ended the trainer, most likely for want of memory; close other programs or choose a smaller model.';
  }
  return `The trainer ended unexpectedly (${signal ?? `code ${code}`})${last ? `: ${last}` : ''}.`;
}
