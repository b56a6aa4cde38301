/** A model folder, adapter or request that cannot be used. The message is one sentence: what is wrong, where, what to do. */
export class ModelError extends Error {
  override name = 'ModelError';
}

const remedies: Record<string, string> = {
  ENOSPC: 'the disk is full, make room on it',
  EDQUOT: 'the disk quota is used up, make room',
  EROFS: 'the disk is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
};

/** What went wrong while a file was written, as a sentence; an error that is one already stays as it is. */
export function writingFailed(path: string, error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const why = (code && remedies[code]) ?? code ?? String(error);
  return new ModelError(`${path} cannot be written: ${why}.`);
}
