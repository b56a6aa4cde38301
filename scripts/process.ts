/** Running commands from the scripts: quietly into a log, or with everything shown. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Output goes into this file instead of the terminal; its tail is part of the error. */
  log?: string;
}

const TAIL_CHARACTERS = 3000;

/** npm is a script on Windows, and scripts need a shell there. */
const NEEDS_SHELL = process.platform === 'win32';

/**
 * Runs a command to its end.
 * @throws Error naming the command and its exit status, with the end of the log where there is one
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<void> {
  const status = await exitStatus(command, args, options);
  if (status === 0) return;
  const tail = options.log ? `\n${readFileSync(options.log, 'utf8').slice(-TAIL_CHARACTERS)}` : '';
  throw new Error(`${command} ${args.join(' ')} ended with ${status}${tail}`);
}

/** Runs a command to its end; the result is its exit status, or 1 where a signal ended it. */
export async function exitStatus(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  if (options.log) mkdirSync(dirname(options.log), { recursive: true });
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: options.log ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    shell: NEEDS_SHELL && !command.endsWith('.exe'),
  });
  if (options.log) {
    const file = createWriteStream(options.log, { flags: 'a' });
    file.write(`$ ${command} ${args.join(' ')}\n`);
    child.stdout?.pipe(file, { end: false });
    child.stderr?.pipe(file, { end: false });
    child.on('close', () => file.end());
    const finished = once(file, 'finish');
    const [code] = (await once(child, 'close')) as [number | null];
    await finished;
    return code ?? 1;
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
