/** Files of places to complete, and of what is offered there: JSON lines. */
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { errorMessage } from '../base/errors';
import type { Problem, ProjectFile, RecentEdit } from '../prompt-context/types';
import { UsageError } from './outcome';

/** A place to complete, and what else the editor knows there. */
export interface CompletionCase {
  id: string | number;
  path: string;
  languageId?: string;
  prefix: string;
  suffix: string;
  /** Other files of the project, the one opened last at the end. */
  files?: ProjectFile[];
  /** The developer's recent edits, the latest last. */
  edits?: RecentEdit[];
  /** What checkers say; the first line is 1. */
  diagnostics?: Problem[];
}

/** @throws UsageError naming the file and line where it is no such file */
export function readCases(file: string): CompletionCase[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  return text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [readCase(line, `${file}:${i + 1}`)]));
}

function readCase(line: string, where: string): CompletionCase {
  let value: Partial<CompletionCase> | null;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`${where} is no JSON (${errorMessage(error)}); write one object a line.`);
  }
  const { id, path, prefix, suffix, languageId } = value ?? {};
  if (typeof id !== 'string' && typeof id !== 'number') throw new UsageError(`${where} has no "id".`);
  for (const [name, text] of Object.entries({ path, prefix, suffix }))
    if (typeof text !== 'string') throw new UsageError(`${where} has no "${name}" that is a string.`);
  if (languageId !== undefined && typeof languageId !== 'string')
    throw new UsageError(`${where} has a "languageId" that is no string.`);
  for (const [name, fields] of Object.entries(LISTS))
    checkList(value?.[name as keyof typeof LISTS], name, fields, where);
  return value as CompletionCase;
}

/** The lists that a case may have, with the fields of what is in them. */
const LISTS = {
  files: { path: 'string', text: 'string' },
  edits: { path: 'string', before: 'string', after: 'string' },
  diagnostics: { path: 'string', line: 'number', message: 'string' },
} as const;

function checkList(list: unknown, name: string, fields: Record<string, string>, where: string): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw new UsageError(`${where} has "${name}" that is no list.`);
  list.forEach((one, i) => {
    for (const [field, type] of Object.entries(fields))
      if (typeof one?.[field] !== type)
        throw new UsageError(`${where}: ${name}[${i}] has no "${field}" that is a ${type}.`);
  });
}

/** Writes one result a line as they come; the file appears once all are there. */
export async function writeResults<T>(
  file: string,
  cases: readonly T[],
  result: (one: T) => Promise<object>,
): Promise<void> {
  const part = `${file}.part`;
  const out = await open(part, 'w').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be written (${error.code}).`);
  });
  try {
    for (const one of cases) await out.write(`${JSON.stringify(await result(one))}\n`);
    await out.close();
    await rename(part, file);
  } catch (error) {
    await out.close();
    await rm(part, { force: true });
    throw error;
  }
}
