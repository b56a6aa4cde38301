/** Copies of a reference folder, to be damaged. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { golden } from './golden';

const made: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-model-'));
  made.push(folder);
  return folder;
}

/** A writable copy of a reference model, with keys of its config.json replaced; `undefined` removes one. */
export function copyOf(name: string, config: Record<string, unknown> = {}): string {
  const folder = temporaryFolder();
  cpSync(golden(name), folder, { recursive: true });
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...config }));
  return folder;
}

export function removeFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}
