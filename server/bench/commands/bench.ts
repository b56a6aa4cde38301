/** `hindsight bench`: speed and memory of a model, or of random weights with a known model's dimensions. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { deviceOption, modelHelp, precisionOption } from '../../cli/model-options';
import { megabytes, print, residentMemory, UsageError, wholeNumber } from '../../cli/outcome';
import { type FolderModel, openModel } from '../../model/open';
import type { OpenModelOptions } from '../../model/types';
import { measure } from '../model/measure';
import { describeTimes, profiled } from '../model/profile';
import { dimensions, writeRandomModel } from '../model/random-model';
import type { Comparison, Figure } from '../peers/compare';
import { compareText, compareTogether, compareTraining } from '../peers/compare';
import { hasLlama } from '../peers/llama';
import { contenderCommand } from '../peers/own';
import { describePlacement } from './check-model';

const parts = ['text', 'training', 'together'] as const;
const precisions = ['float32', 'int8', 'int4'] as const;

interface Options {
  model?: string;
  dims?: string;
  device: NonNullable<OpenModelOptions['device']>;
  precision?: OpenModelOptions['precision'];
  threads: number;
  prompt: number;
  tokens: number;
  trainingTokens: number;
  trainingPrecision: (typeof precisions)[number];
  recompute?: boolean;
  compare?: string[];
  precisions: (typeof precisions)[number][];
  peerLlama?: string;
  python?: string;
  rounds: number;
  profile?: boolean;
  keep?: string;
  json?: boolean;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('measure prompt reading, decoding, a training step and memory; side by side with --compare')
    .option('--model <path>', modelHelp)
    .addOption(
      new Option('--dims <name>', 'random weights with these dimensions').choices(Object.keys(dimensions)),
    )
    .addOption(deviceOption())
    .addOption(precisionOption())
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--prompt <n>', 'tokens of the prompt', wholeNumber(1), 512)
    .option('--tokens <n>', 'tokens to generate', wholeNumber(1), 32)
    .option('--training-tokens <n>', 'tokens of the training row', wholeNumber(40), 256)
    .addOption(
      new Option('--training-precision <name>', 'of the frozen weights while training')
        .choices([...precisions])
        .default('float32'),
    )
    .option('--recompute', 'compute activations again in the backward pass instead of keeping them')
    .addOption(
      new Option('--compare [part...]', 'side by side with what is installed, with --dims').choices(parts),
    )
    .addOption(
      new Option('--precisions <name...>', 'to compare')
        .choices(precisions)
        .default(['int8', 'int4', 'float32']),
    )
    .option(
      '--peer-llama <dir>',
      'folder whose node_modules has node-llama-cpp (else looked for in NODE_PATH)',
    )
    .option('--python <path>', 'Python that has torch, transformers and peft')
    .option('--profile', 'tell which operators a token and a training step spend their time in')
    .option('--rounds <n>', 'rounds of a comparison', wholeNumber(1), 3)
    .option('--keep <dir>', 'make the random weights here and keep them for the next time')
    .option('--json', 'print one JSON object')
    .addCommand(contenderCommand(), { hidden: true })
    .action(bench);
}

async function bench(options: Options): Promise<void> {
  if (!options.model === !options.dims) throw new UsageError('Give either --model or --dims.');
  if (options.compare && !options.dims) throw new UsageError('--compare needs --dims.');
  if (options.model) return run(options.model, options);
  const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'hindsight-bench-')));
  try {
    await mkdir(folder, { recursive: true });
    if (!existsSync(join(folder, 'model.safetensors'))) await writeRandomModel(folder, options.dims!);
    if (options.compare) await compare(folder, options);
    else await run(folder, options);
  } finally {
    if (!options.keep) await rm(folder, { recursive: true, force: true });
  }
}

async function run(directory: string, options: Options): Promise<void> {
  const model = await openModel(directory, options);
  if (model.notice) process.stderr.write(`hindsight: ${model.notice}\n`);
  try {
    const speed = await measure(model, {
      promptTokens: options.prompt,
      newTokens: options.tokens,
      trainingTokens: options.trainingTokens,
    });
    const memory = residentMemory();
    const name = options.dims ?? model.name;
    const placement = await model.placement();
    const profile = options.profile ? await profileOf(model, options) : undefined;
    const result = {
      model: name,
      device: model.device,
      notice: model.notice ?? null,
      placement,
      profile,
      ...speed,
      peakResidentBytes: memory.peak,
    };
    print(result, options.json, () => [
      `${name} on ${model.device}, ${(model.parameters / 1e6).toFixed(0)} M parameters`,
      ...(model.device === 'cpu' ? [] : [`  ${describePlacement(placement)}`]),
      `  loading               ${speed.loadMs.toFixed(0)} ms`,
      `  prompt                ${speed.prefillTokensPerSecond.toFixed(0)} tokens/s (${speed.promptTokens} tokens)`,
      `  decoding              ${speed.decodeTokensPerSecond.toFixed(1)} tokens/s`,
      `  after one keystroke   ${speed.repromptMs.toFixed(1)} ms to the first token`,
      `  training step         ${speed.trainingStepMs.toFixed(0)} ms (${speed.trainingTokens} tokens, LoRA rank 16)`,
      `  memory                ${megabytes(memory.peak)} at most`,
      ...(profile ? [`  prompt and tokens     ${describeTimes(profile.text)}`] : []),
      ...(profile ? [`  training step         ${describeTimes(profile.training)}`] : []),
    ]);
  } finally {
    await model.close();
  }
}

async function profileOf(model: FolderModel, { prompt, tokens, trainingTokens }: Options) {
  const row = {
    prompt: Array(trainingTokens - 31).fill(1),
    response: Array(32).fill(2),
    crossEntropy: 1,
  };
  return {
    text: await profiled(model, async () => {
      const decoder = await model.decoder();
      const request = {
        prompt: Array(Math.max(1, Math.min(prompt, 32))).fill(1),
        stopIds: [],
        speculate: false,
      };
      await decoder.generate({ ...request, maxTokens: tokens });
      return decoder;
    }),
    training: await profiled(model, async () => {
      const trainer = await model.trainer({ rank: 16, alpha: 32, seed: 1 });
      await trainer.accumulate([row], 1);
      return trainer;
    }),
  };
}

async function compare(model: string, options: Options): Promise<void> {
  const chosen = options.compare!.length > 0 ? options.compare! : [...parts];
  const llama = options.peerLlama ?? installedLlama();
  if (options.peerLlama && !hasLlama(options.peerLlama))
    throw new UsageError(`${options.peerLlama} has no node_modules/node-llama-cpp.`);
  const note = (line: string) => process.stderr.write(`${line}\n`);
  if (!llama)
    note('llama.cpp is not compared: install node-llama-cpp in a folder and name it with --peer-llama.');
  if (!options.python)
    note('PyTorch is not compared: name a Python with torch, transformers and peft with --python.');
  const setting = {
    model,
    dims: options.dims!,
    llama,
    python: options.python,
    threads: options.threads || availableParallelism(),
    rounds: options.rounds,
    precisions: options.precisions,
    promptTokens: options.prompt,
    newTokens: options.tokens,
    trainingTokens: options.trainingTokens,
    trainingPrecision: options.trainingPrecision,
    recompute: options.recompute ?? false,
  };
  const all: Comparison = { figures: [], memory: {} };
  const works = { text: compareText, training: compareTraining, together: compareTogether };
  for (const part of parts) {
    if (!chosen.includes(part)) continue;
    const { figures, memory } = await works[part](setting, note);
    all.figures.push(...figures);
    Object.assign(all.memory, memory);
  }
  print({ dims: options.dims, threads: setting.threads, ...all }, options.json, () => [
    ...all.figures.map(line),
    ...Object.entries(all.memory).map(
      ([name, m]) =>
        `memory of ${name}: ${megabytes(m.proportional)} proportional, of which ${megabytes(m.anonymous)} of its own; ${megabytes(m.peak)} at most`,
    ),
  ]);
}

function line({ what, ours, peer, ratio, against, aim, processorRatio, fastestRatio }: Figure): string {
  const parts = [`${what}: ${ours.toFixed(1)} ms`];
  if (peer) parts.push(`${peer.name} ${peer.value.toFixed(1)} ms`);
  if (ratio !== undefined) parts.push(`${ratio.toFixed(2)} ×${against ? ` ${against}` : ''}`);
  if (fastestRatio) parts.push(`${fastestRatio.toFixed(2)} × of the fastest`);
  if (processorRatio) parts.push(`${processorRatio.toFixed(2)} × in processor time`);
  if (aim !== undefined) parts.push(`aim ${aim} ×`);
  return parts.join(', ');
}

/** A folder with node-llama-cpp among the working directory and those that NODE_PATH names. */
function installedLlama(): string | undefined {
  const named = (process.env.NODE_PATH ?? '').split(delimiter).filter(Boolean).map(dirname);
  return [process.cwd(), ...named].find(hasLlama);
}
