/** A folder as the Hugging Face Hub has it: config.json, *.safetensors and tokenizer.json. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ids, type ModelConfig, parseConfig } from '../architectures/config';
import { headModule } from '../architectures/linear-modules';
import { ModelError } from '../errors';
import { optionalJson, parseJson } from '../files/json-file';
import { Weights } from '../files/weights';
import { scoreGraph } from '../graphs/score';
import { promptFormat } from '../tokenizer/fim-format';
import { loadTokenizer } from '../tokenizer/tokenizer';
import type { ModelSource, TextSide } from './source';

/** @throws ModelError with one sentence that names the file, what is wrong and what to do */
export function folderSource(folder: string): ModelSource {
  const { config, text } = readConfig(join(folder, 'config.json'));
  const weights = Weights.open(folder);
  const head = headModule(config).name;
  if (!config.tied && !weights.has(`${head}.weight`)) {
    throw new ModelError(
      `${folder} lacks the tensor ${head}.weight, its output layer: download the model's remaining files, or set ` +
        'tie_word_embeddings to true in config.json where the model shares it with the embedding.',
    );
  }
  // Building a graph names every tensor that is missing or has the wrong shape.
  scoreGraph(config, weights, []);
  const former = createHash('sha256').update(text);
  for (const file of weights.files) former.update(`${file.size} ${file.header}`);
  return {
    path: folder,
    name: folderName(folder),
    description: text,
    formerHash: former.digest('hex').slice(0, 16),
    config,
    weights,
    readTexts: () => readTexts(folder, config),
    adapterFolder: join(folder, 'adapter'),
  };
}

function readTexts(folder: string, config: ModelConfig): TextSide {
  const tokens = optionalJson(join(folder, 'tokenizer_config.json'));
  const tokenizer = loadTokenizer(folder, config.vocabularySize, tokens.json);
  const generation = optionalJson(join(folder, 'generation_config.json'));
  const endIds = [...config.endIds, ...ids(generation.json.eos_token_id)];
  return {
    tokenizer,
    format: promptFormat(folder, tokenizer, endIds),
    notices: [tokens.notice, generation.notice].filter((text) => text !== undefined),
  };
}

function readConfig(path: string): { config: ModelConfig; text: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new ModelError(`${path} cannot be read: choose a folder with a model in Hugging Face layout.`);
  }
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    throw new ModelError(`${path} is not JSON: download the model again.`);
  }
  return { config: parseConfig(json, path), text };
}

/** The folder's name; of a download cache's folder, which is named by a number, the model's. */
export function folderName(directory: string): string {
  const cached = /(?<![^/\\])models--(?:[^/\\]{1,255}--)?([^/\\]{1,255})[/\\]snapshots[/\\][^/\\]+$/.exec(
    directory,
  );
  return cached?.[1] ?? basename(directory);
}
