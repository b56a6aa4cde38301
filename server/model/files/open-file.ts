/** A model's file, open while its header is read. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { ModelError } from '../errors';

/**
 * @param bad makes the error for a file that cannot be used
 * @param read gets the descriptor and the file's bytes in number
 * @throws ModelError naming the file where it cannot be opened or is none, and whatever `read` throws
 */
export function withOpenFile<Result>(
  path: string,
  bad: (what: string) => ModelError,
  read: (fd: number, size: number) => Result,
): Result {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw new ModelError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw bad('it is not a file');
    return read(fd, stat.size);
  } finally {
    closeSync(fd);
  }
}
