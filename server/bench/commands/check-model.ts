/** `hindsight check-model`: does this model run here, on which device, how fast; and does it agree with reference cases. */
import { Command, Option } from 'commander';
import { deviceOption, modelHelp } from '../../cli/model-options';
import { megabytes, print, residentMemory, UsageError, wholeNumber } from '../../cli/outcome';
import type { Placement } from '../../graph/placement';
import { writeSafetensors } from '../../model/files/safetensors';
import { type FolderModel, openModel } from '../../model/open';
import type { OpenModelOptions } from '../../model/types';
import { readCases, runCases } from '../model/check';
import { measure } from '../model/measure';

interface Options {
  cases?: string;
  dump?: string;
  adapterPositions?: 'all' | 'response';
  json?: boolean;
  device: NonNullable<OpenModelOptions['device']>;
  threads: number;
}

export function checkModelCommand(): Command {
  return new Command('check-model')
    .description('tell whether a model runs here, on which device and how fast')
    .argument('<model>', modelHelp)
    .option(
      '--cases <file>',
      'run the cases of a safetensors file with the adapter/ in its folder or beside its file, and print the losses',
    )
    .option('--dump <file>', 'write what the cases came out as to a safetensors file')
    .addOption(
      new Option(
        '--adapter-positions <where>',
        "where the cases' adapter acts (default: as its file says)",
      ).choices(['all', 'response']),
    )
    .addOption(deviceOption())
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--json', 'print one JSON object')
    .action(checkModel);
}

async function checkModel(directory: string, options: Options): Promise<void> {
  if (options.dump && !options.cases)
    throw new UsageError('--dump needs --cases: without cases there is nothing to write.');
  // Cases are computed in float32, on a quantised model too.
  const model = await openModel(directory, {
    ...options,
    ...(options.cases ? { precision: 'float32' } : {}),
  });
  if (model.notice) process.stderr.write(`hindsight: ${model.notice}\n`);
  try {
    if (options.cases) await check(model, options.cases, options);
    else await report(model, options);
  } finally {
    await model.close();
  }
}

async function check(
  model: FolderModel,
  file: string,
  { dump, json, adapterPositions }: Options,
): Promise<void> {
  const cases = readCases(file, model.parts.config.vocabularySize);
  const { tensors, losses } = await runCases(model, cases, adapterPositions);
  if (dump) await writeSafetensors(dump, tensors);
  print({ model: model.name, device: model.device, losses, dump: dump ?? null }, json, () => [
    `${model.name} on ${model.device}`,
    ...Object.entries(losses).map(([name, value]) => `  ${name.padEnd(26)} ${value.toFixed(7)}`),
    ...(dump ? [`wrote ${tensors.size} tensors to ${dump}`] : []),
  ]);
}

async function report(model: FolderModel, { json }: Options): Promise<void> {
  const { config, weights } = model.parts;
  const speed = await measure(model);
  const placement = await model.placement();
  const memory = residentMemory();
  const result = {
    model: model.name,
    hash: model.hash,
    layout: config.architecture.name,
    parameters: model.parameters,
    weightBytes: weights.bytes,
    contextLength: config.contextLength,
    fillInTheMiddle: model.format.order,
    device: model.device,
    notice: model.notice ?? null,
    placement,
    ...speed,
    residentBytes: memory.now,
    peakResidentBytes: memory.peak,
  };
  print(result, json, () => [
    `${model.name}: ${config.architecture.name}, ${(model.parameters / 1e6).toFixed(1)} M parameters, ` +
      `${megabytes(weights.bytes)} of weights, context ${config.contextLength}; it runs here on ${model.device}`,
    model.format.order === 'none'
      ? '  no fill-in-the-middle tokens: completions see only the code before the cursor'
      : `  fill-in-the-middle: ${model.format.order}`,
    ...(model.device === 'cpu' ? [] : [`  ${describePlacement(placement)}`]),
    `  prompt    ${speed.prefillTokensPerSecond.toFixed(0)} tokens/s (${speed.promptTokens} tokens, loading apart: ${speed.loadMs.toFixed(0)} ms)`,
    `  decoding  ${speed.decodeTokensPerSecond.toFixed(1)} tokens/s`,
    `  training  ${speed.trainingStepMs.toFixed(0)} ms a step (${speed.trainingTokens} tokens, LoRA rank 16)`,
    `  memory    ${megabytes(memory.now)} resident, ${megabytes(memory.peak)} at most`,
  ]);
}

/** One line on which operators the device lacks. */
export function describePlacement({ onDevice, onCpu, fallenBack }: Placement): string {
  const names = Object.entries(fallenBack).map(([name, count]) =>
    count > 1 ? `${name} (${count} times)` : name,
  );
  const rest =
    names.length > 0
      ? `on the CPU beside it: ${names.join(', ')}`
      : 'nothing but arithmetic on shapes falls back';
  return `operators  ${onDevice} of ${onDevice + onCpu} nodes on the device, ${rest}`;
}
