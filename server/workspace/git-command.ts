/** git, asked for what a history says; nothing is ever changed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** @throws Error with one sentence where the folder is no git repository or git is not installed */
export async function git(repository: string, args: readonly string[], timeout = 0): Promise<string> {
  try {
    const { stdout } = await run('git', ['-C', repository, ...args], {
      maxBuffer: 64 * 1024 * 1024,
      timeout,
    });
    return stdout;
  } catch (error) {
    const why = (error as { stderr?: string }).stderr?.trim().split('\n')[0] ?? String(error);
    throw new Error(`git could not read ${repository}: ${why}.`);
  }
}
