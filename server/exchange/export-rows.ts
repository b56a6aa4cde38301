/** A store's corrections as rows for other trainers, with a manifest beside. */
import { open, writeFile } from 'node:fs/promises';
import { teacherItems } from '../learning/contexts';
import { type FeedbackItem, feedbackText } from '../learning/feedback-text';
import { responseIds } from '../learning/prompt';
import type { Model } from '../model/types';
import type { LearningEvent } from '../store/records';
import type { FeedbackStore } from '../store/store';
import { roundOptions } from '../training/round-options';
import { promptFor } from '../training/trainer/prepare';
import { findSecretsNow, redact } from '../workspace/redaction';
import {
  type BuiltPrompt,
  type Exported,
  type ExportFormat,
  itemsFor,
  PASS_THROUGH_TEMPLATE,
} from './formats';

export interface ExportChoice {
  format: ExportFormat;
  /** Events from then on, in ms since the epoch. */
  since: number;
  /** Paths that begin with this. */
  path: string;
  /** Key of the rule whose corrections alone are written, and their completions; null for all. */
  rule: string | null;
  only: ReadonlySet<string> | null;
}

export interface Manifest {
  format: string;
  reader: string;
  rows: number;
  /** Left out: those with a secret, and those that have nothing for the format. */
  secrets: number;
  unusable: number;
  /** Left out: rolled back, or of a rule that is off. */
  undone: number;
  model: { name: string; hash: string; parameters: number };
  version: string;
  createdAt: string;
  since: string | null;
  rule: string | null;
  languages: Record<string, number>;
  privacy: string;
}

/** Rows fetched at a time: an export of any length takes the same memory. */
const PAGE = 100;
const PRIVACY =
  'Rows hold code around each place as it was when it was written. Absolute paths, user names in them and secrets are taken out; names in the code are not.';

/**
 * Writes the rows to `out`, one JSON object a line, `out`.manifest.json and a chat template that passes text through.
 * @throws Error where a file is there already or cannot be written
 */
export async function exportRows(
  store: Pick<FeedbackStore, 'panel' | 'events'>,
  model: Model,
  { format, since, path, rule, only }: ExportChoice,
  out: string,
  version: string,
): Promise<Manifest> {
  const counts = { rows: 0, secrets: 0, unusable: 0, undone: 0 };
  const languages: Record<string, number> = {};
  const file = await open(out, 'wx', 0o600);
  try {
    for (let offset = 0; ; offset += PAGE) {
      const { events } = await store.panel.list({}, offset, PAGE);
      for (const { completionId, outcome } of events) {
        const event = only && !only.has(completionId) ? null : await store.events.of(completionId);
        if (!event || event.updatedAt < since || !event.path.startsWith(path)) continue;
        if (event.status === 'rolled-back') {
          counts.undone++;
          continue;
        }
        const taken =
          outcome === 'accepted' || outcome === 'accepted-partially' || outcome === 'typed-through';
        const clean = await cleaned(event);
        const row = clean && format.row(exportedOf(model, format.name, clean, taken));
        if (!row) {
          counts[clean ? 'unusable' : 'secrets']++;
          continue;
        }
        await file.write(`${JSON.stringify(row)}\n`);
        counts.rows++;
        languages[event.languageId] = (languages[event.languageId] ?? 0) + 1;
      }
      if (events.length < PAGE) break;
    }
  } finally {
    await file.close();
  }
  const manifest: Manifest = {
    format: format.name,
    reader: format.reader,
    ...counts,
    model: { name: model.name, hash: model.hash, parameters: model.parameters },
    version,
    createdAt: new Date().toISOString(),
    since: since > 0 ? new Date(since).toISOString() : null,
    rule,
    languages,
    privacy: PRIVACY,
  };
  await writeFile(`${out}.manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  await writeFile(`${out}.chat_template.jinja`, PASS_THROUGH_TEMPLATE);
  return manifest;
}

/** The event without absolute paths; null where a secret is in it, which stored events should not have. */
async function cleaned(event: LearningEvent): Promise<LearningEvent | null> {
  const code = [event.prefix, event.text, event.solution ?? '', event.suffix].join('\n');
  if (findSecretsNow(code).length > 0) return null;
  const text = async (given: string | null) => (given === null ? null : (await redact(given)).text);
  return { ...event, uri: '', output: await text(event.output), words: await text(event.words) };
}

/** An event with the prompts that the product would build for it. */
export function exportedOf(model: Model, format: string, event: LearningEvent, taken: boolean): Exported {
  const options = roundOptions(1, 1, model.parameters);
  const built = (ids: number[]): BuiltPrompt => ({ text: model.tokenizer.decode(ids), ids });
  const items: FeedbackItem[] = itemsFor(format, teacherItems(event));
  const { ids, given } = promptFor(model, event, options);
  const response = (text: string) => built(responseIds(model.tokenizer, model.format, given + text));
  const context = feedbackText(items);
  return {
    event,
    prompt: built(ids),
    teacher: context === '' ? null : built(promptFor(model, event, options, context).ids),
    context,
    completion: event.solution === null ? null : response(event.solution),
    offered: event.text === '' ? { text: '', ids: [] } : response(event.text),
    taken,
  };
}
