/** What a model is and whether it runs here, told from its files alone: nothing is compiled or computed. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from './errors';
import { type GgufFile, readGguf } from './files/gguf/header';
import { optionalJson } from './files/json-file';
import { readHeader } from './files/safetensors';
import { decodingBits, neededBytes } from './precision';
import { checkWeights } from './runtime/memory';
import { ggufSourceOf, readTokens } from './sources/gguf';
import { ggufPrecision, mostBytes } from './sources/gguf-precision';
import { ggufFile, openSource } from './sources/open-source';
import type { ModelSource } from './sources/source';
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
  /** null where it does not run. */
  work: ModelWork | null;
}

/** What a model's cost goes by. */
export interface ModelWork {
  /** All weights, those of the embedding among them, of which a token of a prompt reads one row. */
  parameters: number;
  embedding: number;
  layers: number;
  /** Those that most weights are computed with in while it completes. */
  bits: 4 | 8 | 32;
}

/** @param options as it would be opened: how much memory it needs depends on them */
export function inspectModel(path: string, options: OpenModelOptions = {}): ModelDescription {
  const file = ggufFile(path);
  return file === undefined ? inspectFolder(path, options) : inspectGguf(file, options);
}

function inspectFolder(path: string, options: OpenModelOptions): ModelDescription {
  const seen = folderSurface(path);
  return whereItRuns(seen, () => {
    const source = openSource(path);
    checkWeights(path, neededBytes(source.weights, options));
    return { ...sizes(source, options), fillInTheMiddle: source.readTexts().format.order !== 'none' };
  });
}

function inspectGguf(path: string, options: OpenModelOptions): ModelDescription {
  let seen = { ...nothing, size: statSync(path, { throwIfNoEntry: false })?.size ?? 0 };
  return whereItRuns(seen, () => {
    const file = readGguf(path);
    seen = ggufSurface(file);
    return whereItRuns(seen, () => {
      const source = ggufSourceOf(file);
      checkWeights(path, neededBytes(source.weights, options));
      // The tokenizer itself need not be made to tell whether it can be.
      readTokens(file, source.config);
      return sizes(source, options);
    });
  });
}

/** What was seen and what `look` finds, or why it does not run. */
function whereItRuns(seen: ModelDescription, look: () => Partial<ModelDescription>): ModelDescription {
  try {
    return { ...seen, ...look() };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { ...seen, runs: error.message };
  }
}

const sizes = (
  { config, weights }: ModelSource,
  { precision }: OpenModelOptions,
): Partial<ModelDescription> => ({
  layout: config.architecture.name,
  context: config.contextLength,
  parameters: weights.parameters,
  work: {
    parameters: weights.parameters,
    embedding: config.vocabularySize * config.hiddenSize,
    layers: config.layers,
    bits: decodingBits(weights, precision),
  },
});

const nothing: ModelDescription = {
  layout: null,
  size: 0,
  precision: null,
  context: null,
  parameters: null,
  fillInTheMiddle: false,
  runs: true,
  work: null,
};

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
