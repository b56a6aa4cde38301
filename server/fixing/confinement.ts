/**
 * Keeps a command's writes within one folder, where the system has a tool for it: bubblewrap on Linux, sandbox-exec on
 * macOS. Reading and the network stay as they are: the command is the developer's own, and may do no more than that.
 */
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';

export interface Confinement {
  /** Null where nothing confines. */
  tool: 'bubblewrap' | 'sandbox-exec' | null;
  /**
   * The command line that runs `argv` with writes allowed in `folder` only.
   * @param readable folders that must stay readable, wherever they lie
   */
  wrap(argv: readonly string[], folder: string, readable: readonly string[]): string[];
}

const none: Confinement = { tool: null, wrap: (argv) => [...argv] };

const bubblewrap: Confinement = {
  tool: 'bubblewrap',
  wrap: (argv, folder, readable) => [
    'bwrap',
    ...['--ro-bind', '/', '/', '--dev-bind', '/dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
    ...readable.flatMap((each) => ['--ro-bind', each, each]),
    ...['--bind', folder, folder],
    // Whatever the command leaves running ends with it.
    ...['--unshare-pid', '--die-with-parent', '--new-session', '--'],
    ...argv,
  ],
};

const sandboxExec: Confinement = {
  tool: 'sandbox-exec',
  wrap: (argv, folder) => [
    'sandbox-exec',
    '-p',
    `(version 1)(allow default)(deny file-write*)(allow file-write* (subpath ${JSON.stringify(realpathSync(folder))}) (subpath "/dev"))`,
    ...argv,
  ],
};

let known: Confinement | undefined;

/** What this system has; tried once, by running a command that does nothing. */
export function confinement(): Confinement {
  if (known) return known;
  const found = { linux: bubblewrap, darwin: sandboxExec }[process.platform as string];
  known = found && works(found) ? found : none;
  return known;
}

function works(tool: Confinement): boolean {
  const [program, ...args] = tool.wrap(['true'], process.cwd(), []);
  return spawnSync(program!, args, { stdio: 'ignore', timeout: 5000 }).status === 0;
}

/** What a command says that was kept from writing. */
const REFUSED = /read-only file system|EROFS|operation not permitted/i;

/** The line in which the output tells of a write that was refused; null where it tells of none. */
export function refusedWrite(output: string): string | null {
  const line = output.split('\n', 20_000).find((each) => REFUSED.test(each.slice(0, 1000)));
  return line === undefined ? null : line.trim().slice(0, 160);
}
