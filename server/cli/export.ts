/** `hindsight export`: a store's corrections for other trainers, or the adapter in use. */
import { cpSync, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { teacherItems } from '../learning/contexts';
import { feedbackText } from '../learning/feedback-text';
import { openModel } from '../model/open';
import type { LearningEvent } from '../store/records';
import type { FeedbackStore } from '../store/store';
import { openExistingStore } from './existing-store';
import { embeddedModel } from './installation';
import { print, UsageError } from './outcome';

interface Options {
  db: string;
  format: 'jsonl' | 'trl-sdft' | 'trl-sdpo' | 'peft';
  out: string;
  model?: string;
  json?: boolean;
}

/** Rows fetched at a time: an export of any length takes the same memory. */
const PAGE = 100;

export function exportCommand(): Command {
  return new Command('export')
    .description('write corrections for other trainers, or the adapter in use')
    .requiredOption('--db <file>', 'the feedback store')
    .addOption(
      new Option('--format <name>', 'what to write')
        .choices(['jsonl', 'trl-sdft', 'trl-sdpo', 'peft'])
        .default('jsonl'),
    )
    .requiredOption('--out <path>', 'file, or folder for peft; must not exist')
    .option(
      '--model <path>',
      'the model that the adapter belongs to: folder or .gguf file (default: the embedded model)',
    )
    .option('--json', 'print one JSON object')
    .action(run);
}

async function run(options: Options): Promise<void> {
  if (existsSync(options.out)) throw new UsageError(`${options.out} exists; choose another path.`);
  const store = await openExistingStore(options.db);
  try {
    if (options.format === 'peft') return await exportAdapter(store, options);
    const rows = await exportEvents(store, options.format, options.out);
    print({ rows, out: options.out }, options.json, () => [`${rows} rows in ${options.out}`]);
  } finally {
    await store.close();
  }
}

/**
 * Writes every event with something to learn from, one JSON object a line.
 * @returns how many
 */
export async function exportEvents(
  store: Pick<FeedbackStore, 'panel' | 'events'>,
  format: 'jsonl' | 'trl-sdft' | 'trl-sdpo',
  out: string,
): Promise<number> {
  const file = await open(out, 'wx');
  let rows = 0;
  try {
    for (let offset = 0; ; offset += PAGE) {
      const { events } = await store.panel.list({}, offset, PAGE);
      for (const { completionId } of events) {
        const event = await store.events.of(completionId);
        const row = event && exportRow(event, format);
        if (!row) continue;
        await file.write(`${JSON.stringify(row)}\n`);
        rows++;
      }
      if (events.length < PAGE) return rows;
    }
  } finally {
    await file.close();
  }
}

/** One event in a format; null where it has nothing for it. */
export function exportRow(event: LearningEvent, format: 'jsonl' | 'trl-sdft' | 'trl-sdpo'): object | null {
  if (format === 'jsonl') return event;
  const parts = { solution: true, output: format === 'trl-sdpo', words: format === 'trl-sdpo' };
  const context = feedbackText(teacherItems(event, parts));
  if (!context) return null;
  return {
    prompt: event.prefix,
    suffix: event.suffix,
    privileged_context: context,
    ...(event.solution === null ? {} : { completion: event.solution }),
  };
}

async function exportAdapter(store: FeedbackStore, options: Options): Promise<void> {
  const model = await openModel(options.model ?? embeddedModel());
  const { hash } = model;
  await model.close();
  const active = await store.adapters.active(hash);
  if (!active) throw new UsageError('The base model is in use: there is no adapter to export.');
  cpSync(join(dirname(resolve(options.db)), active.directory), options.out, {
    recursive: true,
    errorOnExist: true,
  });
  print({ adapter: active.id, out: options.out }, options.json, () => [
    `Adapter ${active.id} in ${options.out}`,
  ]);
}
