/** The entries of *Choose Model*: what is said of each model, and which one is the best choice here. Knows nothing of the editor. */

import type { CatalogueChoice, FetchPlan, ModelChoice } from '../../server/protocol/types';

export interface ModelEntry {
  label: string;
  description: string;
  detail: string;
  /** Value for the setting `hindsight.model.path`; null where the model does not run. */
  path: string | null;
}

/** Larger files are slow on a processor: a token costs the time of reading all of them. */
const COMFORTABLE_BYTES = 2e9;

const STORES: Record<string, string> = {
  ollama: 'Ollama',
  'lm-studio': 'LM Studio',
  'hugging-face': 'Hugging Face cache',
  'llama-cpp': 'llama.cpp',
  hindsight: 'comes along',
};

/** @param current the setting as it is resolved now, to mark what is in use */
export function entriesOf(models: readonly ModelChoice[], current: string): ModelEntry[] {
  const best = bestOf(models);
  return models.map((model) => {
    const { name, path, store, runs } = model;
    const marks = [
      path === current ? '$(check) in use' : '',
      model === best ? '$(star-full) best choice here' : '',
    ].filter(Boolean);
    const where = STORES[store] ?? store;
    return {
      label: store === 'hindsight' ? 'The small model that comes along' : name,
      description: [...marks, where].join(' · '),
      detail:
        runs === true ? [...factsOf(model), ...(model === best ? [whyBest(model)] : [])].join(', ') : runs,
      path: runs === true ? path : null,
    };
  });
}

/** The largest that is comfortable, before all else one that was made to fill in the middle; undefined where nothing but the embedded one runs. */
export function bestOf(models: readonly ModelChoice[]): ModelChoice | undefined {
  const able = models.filter(({ runs, store }) => runs === true && store !== 'hindsight');
  const comfortable = able.filter(({ size }) => size <= COMFORTABLE_BYTES);
  const among = comfortable.length > 0 ? comfortable : able;
  return [...among].sort(
    (a, b) =>
      Number(b.fillInTheMiddle) - Number(a.fillInTheMiddle) ||
      (comfortable.length > 0 ? b.size - a.size : a.size - b.size),
  )[0];
}

function whyBest({ fillInTheMiddle, size }: ModelChoice): string {
  const reads = fillInTheMiddle ? 'it reads the code on both sides of the cursor' : 'it is the best there is';
  return size <= COMFORTABLE_BYTES ? `${reads} and is small enough to be fast` : reads;
}

function factsOf({ size, precision, context, fillInTheMiddle }: ModelChoice): string[] {
  return [
    bytes(size),
    precision ?? '',
    context === null ? '' : `reads ${context} tokens`,
    fillInTheMiddle ? 'both sides of the cursor' : 'only what is before the cursor',
  ].filter(Boolean);
}

export function bytes(size: number): string {
  return size < 1e9 ? `${Math.max(1, Math.round(size / 1e6))} MB` : `${(size / 1e9).toFixed(1)} GB`;
}

/** An entry for a model that can be fetched, with the address that it would come from. */
export function fetchEntry({ id, address, size, licence, fillInTheMiddle, purpose }: CatalogueChoice) {
  return {
    label: `$(cloud-download) ${id}`,
    description: `${bytes(size)}, ${licence}, from ${address}`,
    detail: fillInTheMiddle ? `${purpose} Reads both sides of the cursor.` : purpose,
  };
}

/** What fetching means, before it is agreed to. */
export function planText({ page, licence, size, missing, folder }: FetchPlan): string {
  return [
    `From ${page}`,
    `Licence: ${licence ?? 'not stated; read its page before you use it'}`,
    missing === size ? bytes(size) : `${bytes(missing)} of ${bytes(size)} are missing`,
    `Into ${folder}, where other tools find it too`,
  ].join('\n');
}
