/** Copies of the sample project: a test may spoil its own. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const root = join(__dirname, '..', '..');

export class Workspace {
  /** Short, because the model's prompt and the terminal show it. */
  private readonly base = realpathSync(mkdtempSync(join(tmpdir(), 'hindsight-e2e-')));
  readonly folder = join(this.base, 'sample');
  readonly home = join(this.base, 'home');

  constructor(sample = 'sample') {
    cpSync(join(root, 'test', 'workspaces', sample), this.folder, { recursive: true });
    mkdirSync(this.home);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Waits until a file holds a text. @throws Error with the file as it is where it does not come */
  async holds(path: string, text: string, timeout = 5000): Promise<void> {
    for (const deadline = Date.now() + timeout; !this.read(path).includes(text); await sleep(100))
      if (Date.now() > deadline) throw new Error(`${path} does not hold “${text}”:\n${this.read(path)}`);
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
