/** A place in a source file, as the command line names it. */
import { readFileSync } from 'node:fs';
import { UsageError } from './outcome';

export interface SourcePlace {
  file: string;
  /** The first is 1. */
  line: number;
  /** In UTF-16 units; the first is 1. */
  column: number;
}

/** @throws Error naming the file and why it cannot be read */
export function readSource(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** UTF-16 offset of a line and column counted from 1. @throws UsageError when the file has no such place */
export function offsetOf(text: string, { file, line, column }: SourcePlace): number {
  const lines = text.split('\n');
  const length = lines[line - 1]?.length;
  if (length === undefined)
    throw new UsageError(`${file} has ${lines.length} lines, and line ${line} was asked for.`);
  if (column > length + 1)
    throw new UsageError(
      `Line ${line} of ${file} ends at column ${length + 1}, and ${column} was asked for.`,
    );
  return lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0) + column - 1;
}
