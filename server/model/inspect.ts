/** What a model is and whether it runs here, told from its files alone: nothing is compiled or computed. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from './errors';
import { type GgufFile, readGguf } from './files/gguf/header';
import { optionalJson } from './files/json-file';
import { readHeader } from './files/safetensors';
import { neededBytes } from './precision';
import { checkWeights } from './runtime/memory';
import { ggufPrecision, mostBytes } from './sources/gguf-precision';
import { ggufFile, openSource } from './sources/open-source';
import { fimFamily } from './tokenizer/fim-families';
import type { OpenModelOptions } from './types';

export interface ModelDescription {
  /** The architecture's name; null where the files do not say. */
  layout: string | null;
  /** Bytes of the weight files. */
  size: number;
  /** What most weights are stored in: `Q4_K_M`, `Q8_0`, `BF16` …; null where the files do not say. */
  precision: string | null;
  /** Longest context in tokens; null where the files do not say. */
  context: number | null;
  /** Number of weights; null where the model does not run. */
  parameters: number | null;
  /** Whether it was trained to fill in the middle. */
  fillInTheMiddle: boolean;
  /** Or why it does not run, in one sentence. */
  runs: true | string;
}

/** @param options as it would be opened: how much memory it needs depends on them */
export function inspectModel(path: string, options: OpenModelOptions = {}): ModelDescription {
  const seen = surface(path);
  try {
    const source = openSource(path);
    checkWeights(path, neededBytes(source.weights, options));
    const { format } = source.readTexts();
    return {
      ...seen,
      layout: source.config.architecture.name,
      context: source.config.contextLength,
      parameters: source.weights.parameters,
      fillInTheMiddle: format.order !== 'none',
      runs: true,
    };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { ...seen, runs: error.message };
  }
}

const nothing: ModelDescription = {
  layout: null,
  size: 0,
  precision: null,
  context: null,
  parameters: null,
  fillInTheMiddle: false,
  runs: true,
};

/** What can be told of models that do not run as well. */
function surface(path: string): ModelDescription {
  const file = ggufFile(path);
  if (!file) return folderSurface(path);
  try {
    return ggufSurface(readGguf(file));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { ...nothing, size: statSync(file, { throwIfNoEntry: false })?.size ?? 0 };
  }
}

function ggufSurface(file: GgufFile): ModelDescription {
  const { metadata, size } = file;
  const layout = metadata.get('general.architecture');
  const context = metadata.get(`${layout}.context_length`);
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const known = new Map(Array.isArray(tokens) ? tokens.map((token, id) => [token, id]) : []);
  const keys = ['fim_mid_token_id', 'middle_token_id'].map((key) => metadata.get(`tokenizer.ggml.${key}`));
  return {
    ...nothing,
    layout: typeof layout === 'string' ? layout : null,
    size,
    precision: ggufPrecision(file),
    context: typeof context === 'number' ? context : null,
    fillInTheMiddle:
      keys.some((id) => typeof id === 'number') || fimFamily((token) => known.get(token)) !== undefined,
  };
}

function folderSurface(folder: string): ModelDescription {
  const { model_type: layout, max_position_embeddings: context } = optionalJson(
    join(folder, 'config.json'),
  ).json;
  const files = weightFiles(folder);
  const tensors = files.flatMap((path) => {
    try {
      return [...readHeader(path).tensors.values()];
    } catch {
      // Whether it can be used is said by whoever opens it.
      return [];
    }
  });
  return {
    ...nothing,
    layout: typeof layout === 'string' ? layout : null,
    size: files.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
    precision: mostBytes(tensors),
    context: typeof context === 'number' ? context : null,
  };
}

function weightFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^model.*\.safetensors$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
