/** `hindsight import-adapter`: an adapter that was trained elsewhere, through the same gates. */
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import { importAdapter } from '../exchange/import-adapter';
import { openModel } from '../model/open';
import type { OpenModelOptions } from '../model/types';
import { openExistingStore } from './existing-store';
import { embeddedModel, replayRows } from './installation';
import { deviceOption, modelHelp } from './model-options';
import { print, UsageError, wholeNumber } from './outcome';

interface Options {
  db: string;
  model?: string;
  beside?: boolean;
  device: NonNullable<OpenModelOptions['device']>;
  threads: number;
  json?: boolean;
}

export function importAdapterCommand(): Command {
  return new Command('import-adapter')
    .description('take an adapter that was trained elsewhere into use, where the gates let it in')
    .argument('<dir>', 'folder of a PEFT LoRA adapter')
    .requiredOption('--db <file>', 'the feedback store; the adapter is kept beside it')
    .option('--model <path>', `${modelHelp} (default: the embedded model)`)
    .option('--beside', 'together with the adapter in use, as one of the sum of their ranks')
    .addOption(deviceOption())
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--json', 'print one JSON object')
    .action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`${folder} is no folder: name the folder of a PEFT LoRA adapter.`);
  const store = await openExistingStore(options.db);
  const model = await openModel(options.model ?? embeddedModel(), options);
  try {
    const result = await importAdapter(store, model, {
      folder,
      storagePath: dirname(resolve(options.db)),
      replayPath: replayRows(),
      beside: options.beside === true,
    });
    for (const notice of result.notices) process.stderr.write(`hindsight: ${notice}\n`);
    print(result, options.json, () => [
      result.message,
      ...result.decisions.map(({ name, passed, note }) => `  ${passed ? 'ok' : 'no'}  ${name}: ${note}`),
    ]);
    if (result.adapter === null) process.exitCode = 1;
  } finally {
    await model.close();
    await store.close();
  }
}
