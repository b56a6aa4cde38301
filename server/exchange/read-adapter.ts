/** An adapter that was trained elsewhere: is it what it says, and is it for this model? */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { adapterModules } from '../model/adapter';
import { linearModules } from '../model/architectures/linear-modules';
import { type FolderModel, loadAdapter } from '../model/open';
import type { Adapter } from '../model/types';

/** Larger ranks are no adapters of this kind, and would make every completion slow. */
const MOST_RANK = 256;
const MOST_BYTES = 2e9;
const MOST_JSON = 2e6;

/** What says which weights an adapter belongs to, and how it was made: beside PEFT's own files. */
export const CARD = 'hindsight.json';

export interface AdapterCard {
  base?: { hash?: string; name?: string };
  /** How it was made; for people. */
  [fact: string]: unknown;
}

export interface ForeignAdapter {
  adapter: Adapter;
  card: AdapterCard;
  /** What cannot be vouched for, each one sentence. */
  notices: string[];
}

/** @throws Error with one sentence where it cannot be used with this model */
export function readForeignAdapter(folder: string, model: FolderModel): ForeignAdapter {
  const weights = join(folder, 'adapter_model.safetensors');
  if (!existsSync(weights))
    throw new Error(
      `${folder} holds no adapter_model.safetensors: choose the folder of a PEFT LoRA adapter (pickled weights are not read).`,
    );
  if (statSync(weights).size > MOST_BYTES)
    throw new Error(`${weights} is larger than 2 GB: that is no LoRA adapter of a model that runs here.`);
  const notices: string[] = [];
  const adapter = activatedBy(folder, model, loadAdapter(folder, { activated: true }));
  const ranks = [...adapter.tensors]
    .filter(([name]) => name.includes('lora_A'))
    .map(([, { shape }]) => shape[0]!);
  const largest = Math.max(0, ...ranks);
  if (largest === 0) throw new Error(`${folder} changes no layer: the adapter is empty.`);
  if (largest > MOST_RANK)
    throw new Error(
      `The adapter has rank ${largest}; ${MOST_RANK} is the most that is used here: train it with less.`,
    );
  adapterModules(adapter, linearModules(model.parts.config));
  for (const [name, { data }] of adapter.tensors)
    if (!data.every(Number.isFinite))
      throw new Error(`The adapter's ${name} holds numbers that are none: its training went wrong.`);
  const card = readCard(folder);
  const hash = card.base?.hash;
  if (hash !== undefined && hash !== model.hash)
    throw new Error(
      `The adapter was trained on other weights (${card.base?.name ?? 'unknown'}, ${hash}) than ${model.name} (${model.hash}): choose that model first.`,
    );
  if (hash === undefined)
    notices.push(
      `The adapter does not say which weights it was trained on (no ${CARD} with base.hash); its shapes fit ${model.name}.`,
    );
  return { adapter, card, notices };
}

/** PEFT's activated LoRA begins at its invocation tokens: where those are the token that every prompt ends in, on responses. */
function activatedBy(folder: string, { format }: FolderModel, adapter: Adapter): Adapter {
  const tokens = json(join(folder, 'adapter_config.json')).alora_invocation_tokens;
  if (!Array.isArray(tokens) || tokens.length === 0 || adapter.positions === 'response') return adapter;
  const ours = format.order === 'psm' && tokens.length === 1 && tokens[0] === format.middleId;
  if (!ours)
    throw new Error(
      `The adapter is switched on by the tokens ${JSON.stringify(tokens)}, in which prompts of this model do not end: it would never act.`,
    );
  return { ...adapter, positions: 'response' };
}

function readCard(folder: string): AdapterCard {
  const file = join(folder, CARD);
  const card: Record<string, unknown> = existsSync(file) ? json(file) : {};
  const { hash, name } = (card.base ?? {}) as Record<string, unknown>;
  if ([hash, name].some((text) => text !== undefined && typeof text !== 'string'))
    throw new Error(`${file} does not say in words which weights it belongs to: copy the adapter again.`);
  return card as AdapterCard;
}

function json(file: string): Record<string, unknown> {
  if (statSync(file).size > MOST_JSON)
    throw new Error(`${file} is larger than 2 MB: that is no description.`);
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Error(`${file} is not a JSON object: copy the adapter again.`);
}
