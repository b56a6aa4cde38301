/** Cases from public bug reports. Their texts are stored backwards, so that no scanner takes the fixtures for leaks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../root';

const folder = join(ROOT, 'test/fixtures/cases/secrets');

export interface LeakCase {
  name: string;
  text: string;
  mustNotRemain: string;
}

const forwards = (text: string) => [...text].reverse().join('');

/** Formats that once passed. */
export function leakCases(): LeakCase[] {
  const rows: LeakCase[] = JSON.parse(readFileSync(join(folder, 'formats.json'), 'utf8'));
  return rows.map(({ name, text, mustNotRemain }) => ({
    name,
    text: forwards(text),
    mustNotRemain: forwards(mustNotRemain),
  }));
}

/** Whole texts by the names of their files. */
export function caseText(name: string): string {
  return forwards(JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8'))[name]);
}

/** Paths in which secrets lie. */
export function sensitiveFiles(): string[] {
  return readFileSync(join(folder, 'files-not-known-as-sensitive.txt'), 'utf8').trim().split('\n');
}
