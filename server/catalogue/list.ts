/** Every model that lies on this machine, whoever put it there, and whether it runs. */
import { existsSync, realpathSync } from 'node:fs';
import { inspectModel, type ModelDescription } from '../model/inspect';
import type { OpenModelOptions } from '../model/types';
import type { Cost } from '../protocol/cost';
import { costOf } from './cost/estimate';
import type { MachineSpeed } from './cost/probe';
import { type Machine, thisMachine } from './machine';
import { huggingFace } from './stores/hugging-face';
import { llamaCpp } from './stores/llama-cpp';
import { lmStudio } from './stores/lm-studio';
import { ollama } from './stores/ollama';
import type { Found, Store, Unreadable } from './stores/store';

/** To read another program's models, add its record here. */
const stores: readonly Store[] = [ollama, lmStudio, huggingFace, llamaCpp];

export interface ListedModel extends Omit<ModelDescription, 'work'> {
  name: string;
  path: string;
  store: Store['id'] | 'hindsight';
  /** What it will cost here, about; null where it does not run or the machine was not measured. */
  cost: Cost | null;
}

export interface Listing {
  models: ListedModel[];
  /** Folders of stores that this user may not read. */
  unreadable: Unreadable[];
}

/**
 * @param own the models that come with Hindsight
 * @param options as models would be opened: what fits into memory depends on them
 * @param speed of this machine, where it is known
 */
export function listModels(
  own: readonly Found[],
  machine: Machine = thisMachine(),
  options: OpenModelOptions = { precision: 'auto' },
  speed?: MachineSpeed,
): Listing {
  const models: ListedModel[] = [];
  const unreadable: Unreadable[] = [];
  const seen = new Set<string>();
  const add = (store: ListedModel['store'], found: Found) => {
    // Programs share files by links.
    const real = existsSync(found.path) ? realpathSync(found.path) : found.path;
    if (seen.has(real)) return;
    seen.add(real);
    models.push(described(store, found, options, speed));
  };
  for (const found of own) add('hindsight', found);
  for (const store of stores) {
    for (const found of store.find(machine, (u) => unreadable.push(u))) add(store.id, found);
  }
  return { models, unreadable };
}

function described(
  store: ListedModel['store'],
  found: Found,
  options: OpenModelOptions,
  speed: MachineSpeed | undefined,
): ListedModel {
  const { name, path, reason, fillInTheMiddle } = found;
  const { work, ...description } = inspectModel(path, options);
  return {
    name,
    path,
    store,
    ...description,
    fillInTheMiddle: description.fillInTheMiddle || fillInTheMiddle === true,
    runs: reason ?? description.runs,
    cost: work && speed && reason === undefined ? costOf(work, speed) : null,
  };
}
