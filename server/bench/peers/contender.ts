/** A program that is measured: a process of its own, told by JSON lines what to do, so that its memory is its own too. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export type Task =
  /** Reads `prompt` random tokens, then generates `tokens` more, one a run. */
  | { do: 'text'; prompt: number; tokens: number }
  /** Reads one more token than the last time, the rest being in the cache; `after` tokens behind it are read again. */
  | { do: 'typed'; prompt: number; after: number }
  /** Generates text that stands in the prompt already, save every `wrong`-th token of it. */
  | { do: 'repeat'; prompt: number; tokens: number; wrong: number }
  /** One training step of LoRA rank 16 on every linear layer: top-20 forward KL on the last 32 of `tokens` positions. */
  | { do: 'train'; tokens: number };

export interface Measured {
  /** Until the first token, or of the whole step. */
  milliseconds: number;
  /** Processor time of all threads, of the whole task: what the machine does beside it stays out of it. */
  processor?: number;
  /** Of each token after the first. */
  tokens?: number[];
  /** Runs that the tokens took. */
  runs?: number;
}

export interface Memory {
  /** Share of pages that other processes have mapped too counted by share; of it not backed by a file. Bytes. */
  proportional: number;
  anonymous: number;
  /** Highest resident set so far. */
  peak: number;
}

/** Lines that begin so are answers; a program may print other lines. */
export const answerMark = '@@';

export class Contender {
  private readonly answers: ((line: string | Error) => void)[] = [];
  private errors = '';
  private ended: Error | undefined;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.startsWith(answerMark)) this.answers.shift()?.(line.slice(answerMark.length));
    });
    child.stderr!.on('data', (data) => {
      this.errors = (this.errors + data).slice(-2000);
    });
    child.on('error', (error) => this.fail(error.message));
    child.on('exit', (code, signal) => this.fail(`it ended with ${signal ?? `code ${code}`}`));
    child.stdin!.on('error', () => undefined);
  }

  /**
   * Starts the program and waits until it has loaded its model.
   *
   * @throws Error with the last line that it printed where it fails
   */
  static async start(
    name: string,
    command: readonly string[],
    options: { folder?: string; environment?: NodeJS.ProcessEnv } = {},
  ): Promise<Contender> {
    const [program, ...args] = command;
    const child = spawn(program!, args, {
      cwd: options.folder,
      env: { ...process.env, ...options.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const contender = new Contender(name, child);
    await contender.answer();
    return contender;
  }

  get pid(): number {
    return this.child.pid!;
  }

  async run(task: Task): Promise<Measured> {
    this.child.stdin!.write(`${JSON.stringify(task)}\n`);
    return JSON.parse(await this.answer()) as Measured;
  }

  /** Undefined where the system does not tell. */
  memory(): Memory | undefined {
    try {
      const read = (file: string) => readFileSync(`/proc/${this.pid}/${file}`, 'utf8');
      const field = (text: string, name: string) =>
        1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)![1]);
      const rollup = read('smaps_rollup');
      return {
        proportional: field(rollup, 'Pss'),
        anonymous: field(rollup, 'Pss_Anon'),
        peak: field(read('status'), 'VmHWM'),
      };
    } catch {
      return undefined;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.ended) return;
    const exit = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await exit;
  }

  private answer(): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.ended) reject(this.ended);
      else this.answers.push((line) => (typeof line === 'string' ? resolve(line) : reject(line)));
    });
  }

  private fail(why: string): void {
    const lines = this.errors.split('\n').filter((line) => line.trim());
    const line = lines.findLast((text) => /error/i.test(text)) ?? lines.at(-1);
    this.ended ??= new Error(`${this.name} failed: ${why}${line ? ` (${line.trim()})` : ''}.`);
    for (const answer of this.answers.splice(0)) answer(this.ended);
  }
}
