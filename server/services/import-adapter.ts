/** An adapter from elsewhere, judged by a process of its own: `hindsight import-adapter`. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ImportedAdapter } from '../protocol/types';

const run = promisify(execFile);
/** Scoring on a slow machine with a large model; in ms. */
const LONGEST_MS = 30 * 60_000;

export interface ImportOrder {
  /** The command line's program. */
  program: string;
  folder: string;
  storagePath: string;
  model: string;
  device: string;
  threads: number;
  /** The adapter in use stays in use with it. */
  beside: boolean;
  signal: AbortSignal;
}

/** @throws Error with one sentence where the folder cannot be used */
export async function importForeignAdapter(order: ImportOrder): Promise<ImportedAdapter> {
  const { program, folder, storagePath, model, device, threads, beside, signal } = order;
  const args = [program, 'import-adapter', folder, '--db', join(storagePath, 'hindsight.db')];
  args.push('--model', model, '--device', device, '--threads', String(threads), '--json');
  if (beside) args.push('--beside');
  const options = {
    // VS Code's own program is a Node where this is set.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    timeout: LONGEST_MS,
    maxBuffer: 16 * 1024 * 1024,
    signal,
  };
  const { stdout } = await run(process.execPath, args, options).catch((error: Failed) => {
    // Refused by a gate: exit code 1, and the verdict all the same.
    if (error.stdout?.trim().startsWith('{')) return { stdout: error.stdout };
    const said = /^hindsight: (.*)$/m.exec(error.stderr ?? '')?.[1];
    throw new Error(said ?? 'The adapter could not be judged; the log may say why.');
  });
  const { adapter, message, notices } = JSON.parse(stdout) as ImportedAdapter;
  return { adapter, message, notices };
}

interface Failed extends Error {
  stdout?: string;
  stderr?: string;
}
