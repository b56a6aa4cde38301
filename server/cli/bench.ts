/** `hindsight bench`: speed and memory of a model folder, or of random weights with a known model's dimensions. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { openModel } from '../model/index';
import { measure } from '../model/measure';
import { dimensions, writeRandomModel } from '../model/random-model';
import type { OpenModelOptions } from '../model/types';
import { deviceOption, precisionOption } from './check-model';
import { megabytes, print, residentMemory, UsageError, wholeNumber } from './outcome';

interface Options {
  model?: string;
  dims?: string;
  device: NonNullable<OpenModelOptions['device']>;
  precision: NonNullable<OpenModelOptions['precision']>;
  threads: number;
  prompt: number;
  tokens: number;
  trainingTokens: number;
  json?: boolean;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('measure prompt reading, decoding, a training step and memory')
    .option('--model <dir>', 'model folder')
    .addOption(
      new Option('--dims <name>', 'random weights with these dimensions').choices(Object.keys(dimensions)),
    )
    .addOption(deviceOption())
    .addOption(precisionOption())
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--prompt <n>', 'tokens of the prompt', wholeNumber(1), 512)
    .option('--tokens <n>', 'tokens to generate', wholeNumber(1), 32)
    .option('--training-tokens <n>', 'tokens of the training row', wholeNumber(40), 256)
    .option('--json', 'print one JSON object')
    .action(bench);
}

async function bench(options: Options): Promise<void> {
  if (!options.model === !options.dims) throw new UsageError('Give either --model or --dims.');
  if (options.model) return run(options.model, options);
  const folder = await mkdtemp(join(tmpdir(), 'hindsight-bench-'));
  try {
    await writeRandomModel(folder, options.dims!);
    await run(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, options: Options): Promise<void> {
  const model = await openModel(folder, options);
  if (model.notice) process.stderr.write(`hindsight: ${model.notice}\n`);
  try {
    const speed = await measure(model, {
      promptTokens: options.prompt,
      newTokens: options.tokens,
      trainingTokens: options.trainingTokens,
    });
    const memory = residentMemory();
    const name = options.dims ?? model.name;
    const result = { model: name, device: model.device, ...speed, peakResidentBytes: memory.peak };
    print(result, options.json, () => [
      `${name} on ${model.device}, ${(model.parts.weights.parameters / 1e6).toFixed(0)} M parameters`,
      `  loading               ${speed.loadMs.toFixed(0)} ms`,
      `  prompt                ${speed.prefillTokensPerSecond.toFixed(0)} tokens/s (${speed.promptTokens} tokens)`,
      `  decoding              ${speed.decodeTokensPerSecond.toFixed(1)} tokens/s`,
      `  after one keystroke   ${speed.repromptMs.toFixed(1)} ms to the first token`,
      `  training step         ${speed.trainingStepMs.toFixed(0)} ms (${speed.trainingTokens} tokens, LoRA rank 16)`,
      `  memory                ${megabytes(memory.peak)} at most`,
    ]);
  } finally {
    await model.close();
  }
}
