/** Finds out what a server serves, and how it is asked to fill in the middle. */
import { createHash } from 'node:crypto';
import type { FimFamily } from '../../model/tokenizer/fim-families';
import { baseOf, routeOf, type ServedAddress, ServedError } from './address';
import { familyOf } from './family';
import { ask, refusal } from './http';

/**
 * How a place is put to the server: by llama.cpp's own `/infill`, in the words of the model's family, or what stands before
 * the cursor alone.
 */
export type Form = { kind: 'infill' } | { kind: 'words'; family: FimFamily } | { kind: 'before' };

export interface ServedModel {
  base: URL;
  key: string | null;
  /** As the server calls it. */
  id: string;
  form: Form;
}

/** How long a server may take to say what it has, in ms. */
const LONGEST_MS = 15_000;

/**
 * The names of the server's models.
 * @throws ServedError with one sentence
 */
export async function servedModels({ url, key }: Omit<ServedAddress, 'model'>): Promise<string[]> {
  const base = baseOf(url);
  const signal = AbortSignal.timeout(LONGEST_MS);
  const response = await ask(base, routeOf(base, 'v1/models'), key, { signal }).catch((error) => {
    if (error instanceof ServedError) throw error;
    throw new ServedError(`${base.host} does not answer within ${LONGEST_MS / 1000} s.`);
  });
  if (!response.ok) throw await refusal(base, response, 'list of models (v1/models)');
  const listed = (await response.json().catch(() => null)) as { data?: { id?: unknown }[] } | null;
  const names = Array.isArray(listed?.data)
    ? listed.data.flatMap(({ id }) => (typeof id === 'string' && id !== '' ? [id] : []))
    : null;
  if (names === null)
    throw new ServedError(`${base.host} is no OpenAI-compatible server: its v1/models lists no models.`);
  return names;
}

/** Stands where a model's hash does: which completions were made by it. */
export const servedHash = ({ base, id }: Pick<ServedModel, 'base' | 'id'>): string =>
  `served-${createHash('sha256').update(`${base.host} ${id}`).digest('hex').slice(0, 24)}`;

/** @throws ServedError with one sentence: what is wrong with the server, or which models it has */
export async function connect(address: ServedAddress): Promise<ServedModel> {
  const base = baseOf(address.url);
  const names = await servedModels(address);
  const { key, model: wanted } = address;
  const id = wanted || names[0];
  if (id === undefined) throw new ServedError(`${base.host} serves no model: load one there.`);
  if (!names.includes(id))
    throw new ServedError(
      `${base.host} serves no model “${wanted}”: it has ${names.slice(0, 5).join(', ') || 'none'} (setting hindsight.model.serverModel).`,
    );
  const family = familyOf(id);
  const form: Form = (await fillsIn(base, key))
    ? { kind: 'infill' }
    : family
      ? { kind: 'words', family }
      : { kind: 'before' };
  return { base, key, id, form };
}

/** llama.cpp's server fills in the middle by itself, where its model has the tokens for it. */
async function fillsIn(base: URL, key: string | null): Promise<boolean> {
  try {
    const response = await ask(base, routeOf(base, 'infill'), key, {
      body: { input_prefix: 'a = ', input_suffix: '\n', n_predict: 1 },
      signal: AbortSignal.timeout(LONGEST_MS),
    });
    const answer = (await response.json()) as { content?: unknown };
    return response.ok && typeof answer.content === 'string';
  } catch {
    return false;
  }
}
