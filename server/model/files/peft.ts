/** PEFT's file format of LoRA adapters: adapter_config.json and adapter_model.safetensors. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAdapter, tensorName } from '../adapter';
import { ModelError, writingFailed } from '../errors';
import type { Adapter } from '../types';
import { readJson } from './json-file';
import { modulePattern } from './module-pattern';
import { replaceFolder, restoreFolder } from './replace-folder';
import { readFloats, readHeader, writeSafetensors } from './safetensors';

type Json = Record<string, unknown>;

/**
 * Reads a PEFT LoRA folder (`adapter_config.json`, `adapter_model.safetensors`).
 *
 * @param options.activated takes an activated LoRA as well: whoever reads it has to see to where it begins
 * @throws ModelError naming the file when it is broken, or when it is a kind of adapter that this compiler does not run
 */
export function loadAdapter(directory: string, { activated = false } = {}): Adapter {
  restoreFolder(directory);
  const configPath = join(directory, 'adapter_config.json');
  if (!existsSync(configPath))
    throw new ModelError(`${directory} holds no adapter_config.json: choose a PEFT adapter's folder.`);
  let config: Json;
  try {
    config = readJson(configPath) as Json;
  } catch {
    throw new ModelError(`${configPath} is not JSON: the adapter is damaged, train or copy it again.`);
  }
  const refuse = (what: string) =>
    new ModelError(`${configPath}: ${what}. Only plain LoRA adapters can be used.`);
  if (typeof config !== 'object' || config === null) throw refuse('it holds no object');
  if (config.peft_type !== 'LORA')
    throw refuse(`the adapter is of the type ${JSON.stringify(config.peft_type ?? null)}`);
  if (config.use_dora) throw refuse('it uses DoRA');
  if (config.fan_in_fan_out) throw refuse('its layers are stored transposed');
  if (config.bias !== undefined && config.bias !== 'none') throw refuse('it trains biases');
  if (config.layer_replication) throw refuse('it repeats layers');
  const positions = positionsOf(config.positions);
  if (positions === null)
    throw refuse(`it acts at the positions ${JSON.stringify(config.positions)}, which are not known`);
  // PEFT's own way to say where an adapter begins; beside ours it says the same.
  if (config.alora_invocation_tokens && !positions && !activated)
    throw refuse('it is switched on by tokens of the text');
  if (config.lora_bias) throw refuse('its factors have biases');
  if (Array.isArray(config.modules_to_save) && config.modules_to_save.length)
    throw refuse('it replaces whole modules');
  const rank = positive(config.r, () => refuse(`r is ${JSON.stringify(config.r)}`));
  const alpha = positive(config.lora_alpha, () =>
    refuse(`lora_alpha is ${JSON.stringify(config.lora_alpha)}`),
  );
  const file = readHeader(join(directory, 'adapter_model.safetensors'));
  const tensors: Adapter['tensors'] = new Map();
  const copies = new Map<string, readonly number[]>();
  for (const [name, t] of file.tensors) {
    // PEFT lays a copy of the base model's output layer beside the factors that belong to it.
    if (/^base_model\.model\.(lm_head|model\.embed_tokens)\.base_layer\.weight$/.test(name)) {
      copies.set(name.replace('base_model.model.', '').replace('.base_layer.weight', ''), t.shape);
      continue;
    }
    if (!/^base_model\.model\..+\.lora_[AB]\.weight$/.test(name)) throw refuse(`it holds the tensor ${name}`);
    tensors.set(name, { shape: [...t.shape], data: readFloats(t) });
  }
  const root = config.use_rslora === true;
  const scaleOf = (r: number, a: number) => (root ? a / Math.sqrt(r) : a / r);
  const scales = patternScales(config, tensors, { rank, alpha, scaleOf });
  return makeAdapter({
    rank,
    alpha: scaleOf(rank, alpha) * rank,
    tensors,
    ...(positions ? { positions } : {}),
    ...(scales ? { scales } : {}),
    ...(copies.size ? { copies } : {}),
  });
}

/** Adapters of before say nothing, and act everywhere; null where what is said is not known. */
function positionsOf(value: unknown): Adapter['positions'] | null {
  if (value === undefined || value === null || value === 'all') return undefined;
  return value === 'response' ? value : null;
}

function positive(value: unknown, error: () => Error): number {
  if (typeof value !== 'number' || !(value > 0)) throw error();
  return value;
}

/** Factors of modules whose rank or alpha a pattern sets apart; undefined where none is. */
function patternScales(
  config: Json,
  tensors: Adapter['tensors'],
  base: { rank: number; alpha: number; scaleOf: (r: number, a: number) => number },
): Map<string, number> | undefined {
  const given = Object.entries((config.alpha_pattern ?? {}) as Record<string, number>);
  const alphas = given.map(([pattern, alpha]) => ({ matches: matcher(pattern), alpha }));
  const scales = new Map<string, number>();
  for (const [name, { shape }] of tensors) {
    const module = /^base_model\.model\.(.+)\.lora_A\.weight$/.exec(name)?.[1];
    if (!module) continue;
    const alpha = alphas.find(({ matches }) => matches(module))?.alpha ?? base.alpha;
    if (typeof alpha !== 'number' || !(alpha > 0)) {
      throw new ModelError(
        `The adapter's alpha_pattern gives ${JSON.stringify(alpha)} for ${module}: train it again.`,
      );
    }
    const rank = shape[0]!;
    if (rank !== base.rank || alpha !== base.alpha) scales.set(module, base.scaleOf(rank, alpha));
  }
  return scales.size ? scales : undefined;
}

function matcher(pattern: string): (module: string) => boolean {
  const matches = modulePattern(pattern);
  if (matches) return matches;
  throw new ModelError(
    `The adapter's alpha_pattern holds ${JSON.stringify(pattern.slice(0, 80))}, which is no name of a module ` +
      'and no pattern that is read here: write the names of the modules in its place.',
  );
}

/**
 * Writes the adapter in PEFT's format. The folder appears whole or not at all; an existing one is replaced.
 * @param invocation the tokens that every prompt ends in, where there are such: then PEFT too knows where an adapter of
 * response positions begins (activated LoRA)
 */
export async function saveAdapter(
  adapter: Adapter,
  directory: string,
  baseModel = '',
  invocation?: readonly number[],
): Promise<void> {
  const modules = [...adapter.tensors.keys()].flatMap(
    (n) => /^base_model\.model\.(.+)\.lora_A\.weight$/.exec(n)?.[1] ?? [],
  );
  const rankPattern: Record<string, number> = {};
  const alphaPattern: Record<string, number> = {};
  for (const [module, scale] of adapter.scales ?? []) {
    const rank = adapter.tensors.get(tensorName(module, 'A'))!.shape[0]!;
    rankPattern[module] = rank;
    alphaPattern[module] = scale * rank;
  }
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModel,
    r: adapter.rank,
    lora_alpha: adapter.alpha,
    lora_dropout: 0,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    use_rslora: false,
    use_dora: false,
    modules_to_save: null,
    rank_pattern: rankPattern,
    alpha_pattern: alphaPattern,
    target_modules: modules,
    ...(adapter.positions ? { positions: adapter.positions } : {}),
    ...(adapter.positions && invocation ? { alora_invocation_tokens: invocation } : {}),
  };
  const temporary = `${directory}.${process.pid}.tmp`;
  try {
    await mkdir(temporary, { recursive: true });
    await writeSafetensors(join(temporary, 'adapter_model.safetensors'), adapter.tensors);
    const text = `${JSON.stringify(config, null, 2)}\n`;
    await writeFile(join(temporary, 'adapter_config.json'), text, { flush: true });
    await replaceFolder(temporary, directory);
  } catch (error) {
    throw writingFailed(directory, error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
