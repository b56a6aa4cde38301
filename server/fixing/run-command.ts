/** Runs the developer's command once: in a process group that is ended for good, within limits of time and output. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Confinement } from './confinement';

export interface CommandRun {
  command: string;
  cwd: string;
  /** The only folder that it may write to, where the system can hold it to that. */
  folder: string;
  readable: readonly string[];
  confinement: Confinement;
  seconds: number;
  signal?: AbortSignal;
}

export interface CommandOutput {
  /** What was printed on both streams: its beginning and its end where it was too much. */
  output: string;
  /** Null where it was ended from outside. */
  exitCode: number | null;
  /** Why it was ended. */
  ended: 'time' | 'output' | 'cancelled' | null;
  seconds: number;
}

/** A test run says what matters in its first and last quarter million characters. */
const KEPT_BYTES = 256 * 1024;
/** What prints more is ended: it never stops by itself. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Marks what a command has started, even where it has left its process group. */
const MARK = 'HINDSIGHT_FIX_RUN';

/**
 * The command's parent is this shell, not our process: a command that ends its parent ends only the shell. When our
 * process dies, the pipe at 3 closes, and the whole group with it.
 */
const SHELL = `sh -c "$1" 3<&- </dev/null & run=$!; (cat <&3 >/dev/null; kill -KILL 0) >/dev/null 2>&1 & exec 3<&-; wait "$run"; exit $?`;

let runs = 0;

/** Errors are part of the answer: a command that cannot be started has exit code 127. */
export async function runCommand(run: CommandRun): Promise<CommandOutput> {
  const began = performance.now();
  const mark = `${process.pid}-${runs++}`;
  const child = start(run, mark);
  const tail = new BothEnds();
  let ended: CommandOutput['ended'] = null;
  const end = (why: NonNullable<CommandOutput['ended']>) => {
    ended ??= why;
    endGroup(child, mark);
  };
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (bytes: Buffer) => {
      tail.add(bytes);
      if (tail.length > MOST_BYTES) end('output');
    });
  const timer = setTimeout(() => end('time'), run.seconds * 1000);
  const cancel = () => end('cancelled');
  run.signal?.addEventListener('abort', cancel, { once: true });
  if (run.signal?.aborted) cancel();
  try {
    const exitCode = await exitOf(child);
    return {
      output: tail.text(),
      exitCode: ended ? null : exitCode,
      ended,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', cancel);
    endGroup(child, mark);
  }
}

function start({ command, cwd, folder, readable, confinement }: CommandRun, mark: string): ChildProcess {
  const env: NodeJS.ProcessEnv = { ...process.env, [MARK]: mark, TMPDIR: `${folder}/tmp` };
  // What the editor tells its own processes is not what its terminals tell.
  for (const name of Object.keys(env))
    if (/^(?:ELECTRON_|VSCODE_)/.test(name) || /^NODE_(?:OPTIONS|CHANNEL_)/.test(name)) delete env[name];
  if (process.platform === 'win32')
    return spawn(command, { cwd, env: { ...env, TEMP: `${folder}\\tmp` }, shell: true, windowsHide: true });
  const [program, ...args] = confinement.wrap(['sh', '-c', SHELL, 'sh', command], folder, readable);
  return spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
}

/** The exit code once the shell has ended; what it leaves behind holds its streams open and is not waited for. */
function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => {
      // The shell's watcher waits at the other end of it.
      child.stdio[3]?.destroy();
      // What was printed last may still be on its way.
      const flushed = setTimeout(() => resolve(code ?? 137), 200);
      child.once('close', () => {
        clearTimeout(flushed);
        resolve(code ?? 137);
      });
    });
  });
}

/** Ends the command with all that it has started. */
function endGroup(child: ChildProcess, mark: string): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode === null) spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
    return;
  }
  kill(-child.pid);
  if (process.platform === 'linux') for (const pid of marked(mark)) kill(pid);
  for (const stream of child.stdio) stream?.destroy();
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Processes with this mark in their environment: those that made a session of their own. */
function marked(mark: string): number[] {
  const wanted = `${MARK}=${mark}\0`;
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return `${readFileSync(`/proc/${name}/environ`, 'latin1')}\0`.includes(wanted) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** The first and the last part of what was printed. */
class BothEnds {
  private readonly head: Buffer[] = [];
  private tail: Buffer = Buffer.alloc(0);
  private kept = 0;
  length = 0;

  add(bytes: Buffer): void {
    this.length += bytes.length;
    const room = KEPT_BYTES - this.kept;
    if (room > 0) this.head.push(bytes.subarray(0, room));
    this.kept += Math.min(bytes.length, Math.max(0, room));
    const rest = bytes.subarray(Math.max(0, room));
    if (rest.length > 0) this.tail = Buffer.concat([this.tail, rest]).subarray(-KEPT_BYTES);
  }

  text(): string {
    const [head, tail] = [Buffer.concat(this.head).toString(), this.tail.toString()];
    const isWhole = this.length <= this.kept + this.tail.length;
    return isWhole ? head + tail : `${head}\n…\n${tail}`;
  }
}
