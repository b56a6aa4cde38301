/** `hindsight train`: one round on a store's events. */
import { dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { openModel } from '../model/open';
import type { OpenModelOptions } from '../model/types';
import { defaultSettings } from '../protocol/settings';
import type { RoundSummary } from '../protocol/types';
import { OBJECTIVES, objectiveNamed } from '../training/objectives';
import { Training } from '../training/training';
import { openExistingStore } from './existing-store';
import { embeddedModel, replayRows, trainerEntry } from './installation';
import { deviceOption } from './model-options';
import { print, wholeNumber } from './outcome';

interface Options {
  db: string;
  model?: string;
  maxSeconds: number;
  threads: number;
  objective: string;
  arm?: string;
  device: NonNullable<OpenModelOptions['device']>;
  json?: boolean;
}

export function trainCommand(): Command {
  return new Command('train')
    .description("train one round on a store's corrections; Ctrl-C leaves all as before")
    .requiredOption('--db <file>', 'the feedback store; adapters are kept beside it')
    .option('--model <path>', 'a model: folder or .gguf file (default: the embedded model)')
    .option(
      '--max-seconds <n>',
      'longest time the steps may take',
      wholeNumber(1),
      defaultSettings.learning.maxSeconds,
    )
    .option('--threads <n>', 'threads inside one operator; 0 lets the runtime choose', wholeNumber(0), 0)
    .option('--objective <name>', OBJECTIVES.map(({ name }) => name).join(', '), 'default')
    .addOption(new Option('--arm <name>', 'the same').hideHelp())
    .addOption(deviceOption())
    .option('--json', 'print one JSON object')
    .action(train);
}

async function train(options: Options): Promise<void> {
  const { name: objective } = objectiveNamed(options.arm ?? options.objective);
  const modelDirectory = options.model ?? embeddedModel();
  const store = await openExistingStore(options.db);
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  process.once('SIGINT', interrupt);
  try {
    const model = await openModel(modelDirectory, options);
    const { hash, former } = model;
    await model.close();
    const training = new Training({
      store,
      storagePath: dirname(resolve(options.db)),
      modelDirectory,
      modelHash: hash,
      device: options.device,
      threads: options.threads,
      replayPath: replayRows(),
      settings: { ...defaultSettings.learning, maxSeconds: options.maxSeconds },
      trainerEntry: trainerEntry(),
    });
    const lost = await training.takeOver(former);
    if (lost) process.stderr.write(`hindsight: ${lost}\n`);
    const round = await training.trainNow(abort.signal, progressBar(), objective);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    print(round, options.json, () => [
      `Round ${round.id}: ${round.state}. ${round.message}`,
      ...round.decisions.map(({ name, passed, note }) => `  ${passed ? 'ok' : 'no'}  ${name}: ${note}`),
      ...keptTexts(round),
    ]);
    if (round.state === 'failed' || round.state === 'cancelled') process.exitCode = 1;
  } finally {
    process.off('SIGINT', interrupt);
    await store.close();
  }
}

/** A bar on a terminal; silent elsewhere. */
function progressBar(): (progress: { fraction: number; message: string }) => void {
  return ({ fraction, message }) => {
    if (!process.stderr.isTTY) return;
    const full = Math.round(fraction * 30);
    process.stderr.write(`\r\x1b[K[${'#'.repeat(full)}${'.'.repeat(30 - full)}] ${message}`);
  };
}

/** Nothing where no one had written a text that could be measured. */
function keptTexts({ logProbBefore: before, logProbAfter: after }: RoundSummary): string[] {
  if (before === null || after === null) return [];
  return [`  kept texts: ${before.toFixed(2)} nats a token before, ${after.toFixed(2)} after`];
}
