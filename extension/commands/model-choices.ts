/** The entries of *Choose Model*: what is said of each model, and which one is the best choice here. Knows nothing of the editor. */

import { costSentence } from '../../server/protocol/cost';
import type { CatalogueChoice, FetchPlan, ModelChoice } from '../../server/protocol/types';

export interface ModelEntry {
  label: string;
  description: string;
  detail: string;
  /** Value for the setting `hindsight.model.path`; null where the model does not run. */
  path: string | null;
}

const STORES: Record<string, string> = {
  ollama: 'Ollama',
  'lm-studio': 'LM Studio',
  'hugging-face': 'Hugging Face cache',
  'llama.cpp': 'llama.cpp',
  hindsight: 'comes along',
};

/** @param current the setting as it is resolved now, to mark what is in use */
export function entriesOf(models: readonly ModelChoice[], current: string): ModelEntry[] {
  return models.map((model) => {
    const { name, path, store, runs, best } = model;
    const marks = [
      path === current ? '$(check) in use' : '',
      best === null ? '' : '$(star-full) best choice here',
    ].filter(Boolean);
    const where = STORES[store] ?? store;
    return {
      label: store === 'hindsight' ? 'The small model that comes along' : name,
      description: [...marks, where].join(' · '),
      detail: runs === true ? [...factsOf(model), ...(best === null ? [] : [best])].join(', ') : runs,
      path: runs === true ? path : null,
    };
  });
}

function factsOf({ size, precision, context, fillInTheMiddle, cost }: ModelChoice): string[] {
  return [
    bytes(size),
    precision ?? '',
    context === null ? '' : `reads ${context} tokens`,
    fillInTheMiddle ? 'both sides of the cursor' : 'only what is before the cursor',
    cost ? costSentence(cost) : '',
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
