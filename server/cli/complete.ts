/** `hindsight complete`: what the model would offer at a place in a file. */
import { basename } from 'node:path';
import { Command } from 'commander';
import { applyFilters } from '../completion/filters/index';
import { generateCompletion } from '../completion/generate';
import { codeWindow } from '../completion/window';
import { buildPrompt, promptBudget } from '../learning/prompt';
import { loadAdapter, openModel, prefixOnlyNotice } from '../model/open';
import type { OpenModelOptions } from '../model/types';
import { deviceOption, modelHelp, precisionOption } from './model-options';
import { print, wholeNumber } from './outcome';
import { offsetOf, readSource } from './source-place';

interface Options {
  model: string;
  adapter?: string;
  file: string;
  line: number;
  column: number;
  maxTokens: number;
  device: NonNullable<OpenModelOptions['device']>;
  precision?: OpenModelOptions['precision'];
  json?: boolean;
}

export function completeCommand(): Command {
  return new Command('complete')
    .description('complete the code at a place in a file')
    .requiredOption('--model <path>', modelHelp)
    .option('--adapter <dir>', 'folder of a PEFT LoRA adapter')
    .requiredOption('--file <file>', 'source file')
    .requiredOption('--line <n>', 'line of the cursor, the first is 1', wholeNumber(1))
    .requiredOption('--column <n>', 'column of the cursor in UTF-16 units, the first is 1', wholeNumber(1))
    .option('--max-tokens <n>', 'most tokens to generate', wholeNumber(1), 48)
    .addOption(deviceOption())
    .addOption(precisionOption())
    .option('--json', 'print one JSON object')
    .action(complete);
}

async function complete(options: Options): Promise<void> {
  const text = readSource(options.file);
  const { prefix, suffix } = codeWindow(text, offsetOf(text, options));
  const model = await openModel(options.model, options);
  if (model.notice) process.stderr.write(`hindsight: ${model.notice}\n`);
  try {
    const { tokenizer, format } = model;
    const prefixOnly = prefixOnlyNotice(format);
    if (prefixOnly) process.stderr.write(`hindsight: ${prefixOnly}\n`);
    const decoder = await model.decoder();
    decoder.setAdapter(options.adapter ? loadAdapter(options.adapter) : null);
    const budget = promptBudget(model.contextLength, options.maxTokens);
    const prompt = buildPrompt({ format, tokenizer, path: basename(options.file), prefix, suffix, budget });
    const started = performance.now();
    const { text, generation } = await generateCompletion(
      decoder,
      model,
      { prefix, suffix },
      { prompt, maxTokens: options.maxTokens, cacheKey: options.file },
    );
    const milliseconds = performance.now() - started;
    const completion = applyFilters(text, { prefix, suffix });
    const { ids, reason } = generation;
    const result = {
      completion,
      ids,
      reason,
      promptTokens: prompt.length,
      milliseconds,
      device: model.device,
    };
    print(result, options.json, () => [completion ?? '']);
  } finally {
    await model.close();
  }
}
