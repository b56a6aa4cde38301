/** `hindsight export`: a store's corrections for other trainers, or the adapter in use. */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { exportRows } from '../exchange/export-rows';
import { FORMATS } from '../exchange/formats';
import { writeGgufLora } from '../exchange/gguf-lora';
import { CARD } from '../exchange/read-adapter';
import { loadAdapter, openModel } from '../model/open';
import { RuleKeeper } from '../services/rules';
import type { FeedbackStore } from '../store/store';
import { openExistingStore } from './existing-store';
import { embeddedModel, version } from './installation';
import { print, UsageError } from './outcome';

interface Options {
  db: string;
  format: string;
  out: string;
  model?: string;
  since?: number;
  path: string;
  rule?: string;
  json?: boolean;
}

/** Rows fetched at a time: an export of any length takes the same memory. */
const PAGE = 100;

export function exportCommand(): Command {
  return new Command('export')
    .description('write corrections for other trainers, or the adapter in use')
    .requiredOption('--db <file>', 'the feedback store')
    .addOption(
      new Option('--format <name>', 'what to write: rows for a trainer, or the adapter for PEFT or llama.cpp')
        .choices(['jsonl', ...FORMATS.map(({ name }) => name), 'peft', 'gguf'])
        .default('jsonl'),
    )
    .requiredOption('--out <path>', 'file, or folder for peft; must not exist')
    .option(
      '--model <path>',
      'the model that rows and adapter are for: folder or .gguf file (default: the embedded model)',
    )
    .option('--since <date>', 'only what has changed since then, for instance 2026-11-01', day)
    .option('--path <prefix>', 'only what is from files whose path begins so', '')
    .option('--rule <key>', 'only what one rule says, by its key in `hindsight rules --json`')
    .option('--json', 'print one JSON object')
    .action(run);
}

function day(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new UsageError(`"${text}" must be a date, for instance 2026-11-01.`);
  return at;
}

async function run(options: Options): Promise<void> {
  if (existsSync(options.out)) throw new UsageError(`${options.out} exists; choose another path.`);
  const store = await openExistingStore(options.db);
  try {
    const only = await completionsOf(store, options);
    if (options.format === 'peft' || options.format === 'gguf') return await exportAdapter(store, options);
    if (options.format !== 'jsonl') return await exportForTrainer(store, options, only);
    const rows = await exportEvents(store, options.out, only);
    print({ rows, out: options.out }, options.json, () => [`${rows} rows in ${options.out}`]);
  } finally {
    await store.close();
  }
}

/** Those of the rule that was asked for; null for all. */
async function completionsOf(store: FeedbackStore, { rule, format }: Options): Promise<Set<string> | null> {
  if (rule === undefined) return null;
  if (format === 'peft' || format === 'gguf')
    throw new UsageError('An adapter is exported whole; --rule is for rows.');
  const found = await new RuleKeeper(store).completionsOf(rule);
  if (!found)
    throw new UsageError(`There is no rule ${rule}; \`hindsight rules --json\` lists them with their keys.`);
  return found;
}

/** Every learning event as it is stored, one JSON object a line. */
async function exportEvents(
  store: Pick<FeedbackStore, 'panel' | 'events'>,
  out: string,
  only: ReadonlySet<string> | null,
): Promise<number> {
  const file = await open(out, 'wx', 0o600);
  let rows = 0;
  try {
    for (let offset = 0; ; offset += PAGE) {
      const { events } = await store.panel.list({}, offset, PAGE);
      for (const { completionId } of events) {
        const event = only && !only.has(completionId) ? null : await store.events.of(completionId);
        if (!event) continue;
        await file.write(`${JSON.stringify(event)}\n`);
        rows++;
      }
      if (events.length < PAGE) return rows;
    }
  } finally {
    await file.close();
  }
}

async function exportForTrainer(
  store: FeedbackStore,
  options: Options,
  only: ReadonlySet<string> | null,
): Promise<void> {
  const format = FORMATS.find(({ name }) => name === options.format)!;
  const model = await openModel(options.model ?? embeddedModel());
  try {
    const { path, rule = null } = options;
    const choice = { format, since: options.since ?? 0, path, rule, only };
    const manifest = await exportRows(store, model, choice, options.out, version());
    const { rows, secrets, unusable, undone } = manifest;
    print({ ...manifest, out: options.out }, options.json, () => [
      `${rows} rows in ${options.out}, for ${format.reader}.`,
      ...(unusable ? [`${unusable} were left out: they have nothing for this format.`] : []),
      ...(undone ? [`${undone} were left out: they were rolled back, or their rule is off.`] : []),
      ...(secrets ? [`${secrets} were left out: they hold what looks like a secret.`] : []),
      manifest.privacy,
    ]);
  } finally {
    await model.close();
  }
}

async function exportAdapter(store: FeedbackStore, options: Options): Promise<void> {
  const model = await openModel(options.model ?? embeddedModel());
  try {
    const active = await store.adapters.active(model.hash);
    if (!active) throw new UsageError('The base model is in use: there is no adapter to export.');
    const folder = join(dirname(resolve(options.db)), active.directory);
    let notices: string[] = [];
    if (options.format === 'gguf') notices = await writeGgufLora(options.out, loadAdapter(folder), model);
    else {
      cpSync(folder, options.out, { recursive: true, errorOnExist: true });
      const card = { base: { hash: model.hash, name: model.name }, adapter: active.id, version: version() };
      writeFileSync(join(options.out, CARD), `${JSON.stringify(card, null, 2)}\n`);
    }
    for (const notice of notices) process.stderr.write(`hindsight: ${notice}\n`);
    print({ adapter: active.id, out: options.out, notices }, options.json, () => [
      `Adapter ${active.id} in ${options.out}`,
    ]);
  } finally {
    await model.close();
  }
}
