/** The search for a fix, in a process of its own: `hindsight fix-test`, of which this takes the progress and the end. */
import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { FixPlace } from '../capture/sources/found-fixes';
import { codePlace } from '../completion/code-place';
import { displayPath } from '../documents';
import type { FixOutcome, FixRequest, TakenFix } from '../protocol/fixing';

export interface FixSearch extends Omit<FixRequest, 'workDoneToken'> {
  /** The command line's program. */
  program: string;
  root: string;
  model: string;
  device: string;
  threads: number;
  signal: AbortSignal;
  /** @param fraction of the attempts */
  progress(fraction: number, message: string): void;
}

/** How long a search may take to clean up after it was cancelled, in ms. */
const CLEAN_UP_MS = 5_000;

/** @throws Error with one sentence where the search could not be begun */
export async function searchFix(search: FixSearch): Promise<FixOutcome> {
  const { program, range, signal } = search;
  const child = fork(
    program,
    [
      'fix-test',
      ...['--command', search.command, '--file', search.path, '--range', `${range.first}:${range.last}`],
      ...['--root', search.root, '--model', search.model, '--device', search.device],
      ...['--threads', String(search.threads), '--max-seconds', String(search.maxSeconds)],
      ...['--progress', '--json'],
    ],
    { cwd: search.cwd, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  lower(child);
  const cancel = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), CLEAN_UP_MS).unref();
  };
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  let printed = '';
  let last = '';
  child.stdout!.on('data', (text: Buffer) => {
    printed += text.toString();
  });
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (line.startsWith('{')) told(line, search);
    else if (line.startsWith('hindsight: ')) last = line.slice('hindsight: '.length);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', () => resolve());
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  if (printed.trim() === '')
    throw new Error(last || 'The search ended without an answer; the log may say why.');
  const { found, attempts, seconds, text, failing, message, notices } = JSON.parse(printed) as FixOutcome;
  return { found, attempts, seconds, text, failing, message, notices };
}

function told(line: string, search: FixSearch): void {
  const { attempts, of, testsPassed, tests, message } = JSON.parse(line) as {
    attempts: number;
    of: number;
    testsPassed: number | null;
    tests: number | null;
    message: string;
  };
  const passed = tests === null ? '' : `, ${testsPassed} of ${tests} tests pass`;
  search.progress(attempts / of, `attempt ${attempts} of ${of}${passed}: ${message}`);
}

/** Whoever types goes first. */
function lower({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already, or the system allows it to nobody.
  }
}

/** Where a fix was taken, with the window of code that a completion there would have been stored with. */
export function placeOfFix(
  { uri, languageId, before, offset, failing }: TakenFix,
  folders: readonly string[],
): Omit<FixPlace, 'modelHash'> {
  // The failing text itself is neither before nor behind the cursor.
  const code = before.slice(0, offset) + before.slice(offset + failing.length);
  const { prefix, suffix } = codePlace(code, offset);
  const lines = before.slice(0, offset).split('\n');
  return {
    uri,
    path: displayPath(uri, folders),
    languageId,
    line: lines.length - 1,
    character: lines.at(-1)!.length,
    prefix,
    suffix,
  };
}
