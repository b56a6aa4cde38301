/** A model folder, adapter or request that cannot be used. The message is one sentence: what is wrong, where, what to do. */
export class ModelError extends Error {
  override name = 'ModelError';
}
