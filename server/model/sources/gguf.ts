/** One GGUF file: sizes, tokenizer and weights, as llama.cpp and what is built on it have them. */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ModelConfig } from '../architectures/config';
import { ModelError } from '../errors';
import { type GgufFile, readGguf } from '../files/gguf/header';
import { Weights } from '../files/weights';
import { formatOf } from '../tokenizer/fim-format';
import { type GgufTokenizer, readGgufTokenizer } from '../tokenizer/gguf-tokenizer';
import { makeTokenizer } from '../tokenizer/tokenizer';
import { ggufConfig } from './gguf-config';
import { ggufTensors } from './gguf-tensors';
import type { ModelSource, TextSide } from './source';

/** @throws ModelError with one sentence that names the file, what is wrong and what to do */
export const ggufSource = (path: string): ModelSource => ggufSourceOf(readGguf(path));

/** As `ggufSource`, of a file whose header was read already. */
export function ggufSourceOf(file: GgufFile): ModelSource {
  const { path } = file;
  const parts = file.metadata.get('split.count');
  if (typeof parts === 'number' && parts > 1)
    throw new ModelError(
      `${path} is one of ${parts} parts of a model: join them with llama-gguf-split --merge, or choose a smaller model.`,
    );
  const config = ggufConfig(file);
  // Download caches link to files elsewhere, and the runtime refuses data outside the folder it is given.
  const real = realpathSync(path);
  const tensors = ggufTensors(file, real, config);
  return {
    path,
    name: nameOf(file),
    description: '',
    config,
    weights: Weights.ofGguf({ path: real, size: file.size, header: file.headerHash }, tensors),
    readTexts: () => readTexts(file, config),
    adapterFolder: join(dirname(path), 'adapter'),
  };
}

/** @throws ModelError where the tokenizer cannot be used, or has more tokens than there are weights for */
export function readTokens(file: GgufFile, config: ModelConfig): GgufTokenizer {
  const read = readGgufTokenizer(file);
  if (read.size > config.vocabularySize)
    throw new ModelError(
      `${file.path} has ${read.size} tokens and weights for ${config.vocabularySize}: download it again, or choose another file.`,
    );
  return read;
}

function readTexts(file: GgufFile, config: ModelConfig): TextSide {
  const read = readTokens(file, config);
  const tokenizer = makeTokenizer(read.json, {}, file.path, config.vocabularySize, Object.values(read.fim));
  return { tokenizer, format: formatOf(tokenizer, read.endIds, read.fim), notices: [] };
}

/** The file's name; of one that a store has named by its hash, what its header says. */
function nameOf({ path, metadata }: GgufFile): string {
  const own = metadata.get('general.name');
  const name = basename(path).replace(/\.gguf$/i, '');
  return /^sha256-/.test(name) && typeof own === 'string' && own !== '' ? own : name;
}
