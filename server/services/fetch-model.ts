/** Fetching a model for the editor: only what the developer asked for, and only after saying from where and how much. */
import { catalogue } from '../catalogue/catalogue';
import { type FetchProgress, fetchModel } from '../catalogue/fetch/fetch-model';
import { type DownloadPlan, planDownload } from '../catalogue/fetch/plan';
import { hubOf } from '../catalogue/fetch/requests';
import { thisMachine } from '../catalogue/machine';
import type { CatalogueChoice, FetchPlan } from '../protocol/types';

const REVISION = 'main';

/** What is worth fetching, with the address that it would come from. */
export function catalogueChoices(): CatalogueChoice[] {
  const { endpoint } = hubOf(thisMachine());
  return catalogue.map(({ id, repository, size, licence, fillInTheMiddle, purpose }) => ({
    id,
    address: `${endpoint}/${repository}`,
    size,
    licence,
    fillInTheMiddle,
    purpose,
  }));
}

/** @throws ModelError with one sentence where there is no such model, or it cannot be had */
export async function planOf(name: string, signal: AbortSignal): Promise<FetchPlan> {
  const { page, licence, size, present, folder, name: shown } = await plan(name, signal);
  return { name: shown, page, licence, size, missing: size - present, folder };
}

/**
 * @returns the value for the setting `hindsight.model.path`
 * @throws ModelError with one sentence; Error where it was stopped, and then what has come is kept
 */
export async function fetchByName(
  name: string,
  signal: AbortSignal,
  onProgress: (progress: FetchProgress) => void,
): Promise<string> {
  try {
    return await fetchModel(hubOf(thisMachine()), await plan(name, signal), { signal, onProgress });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error('Stopped. What was fetched is kept; choosing the model again goes on from there.');
  }
}

function plan(name: string, signal: AbortSignal): Promise<DownloadPlan> {
  const machine = thisMachine();
  return planDownload(name, REVISION, hubOf(machine), machine, signal);
}
