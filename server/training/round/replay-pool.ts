/** Code that the model must not forget: shipped rows, completions that were kept as offered, files of the workspace. */
import { readFile } from 'node:fs/promises';
import { random } from '../../base/random';
import type { LearningEvent } from '../../store/records';
import type { ReplayRow } from '../types';

/** Rows of a round; more would only cost time. */
const MOST_ROWS = 160;
/** Every sixth shipped row measures forgetting and is never trained on. */
const HELD_EVERY = 6;
const MOST_HELD = 24;

export interface ReplayPool {
  train: ReplayRow[];
  held: ReplayRow[];
}

/**
 * Reads the shipped rows (`{"rows":[{"text":…,"path":…}]}`) and adds the developer's own code to the trained ones.
 * @param file null, missing or broken gives an empty pool: promotion then refuses, and says why
 * @param kept events whose completion was kept as it was offered
 * @param workspace code of the open folders
 */
export async function readReplayPool(
  file: string | null,
  kept: readonly LearningEvent[],
  seed: number,
  workspace: readonly ReplayRow[] = [],
): Promise<ReplayPool> {
  const shipped = file === null ? [] : await readRows(file);
  const held = shipped.filter((_, index) => index % HELD_EVERY === 0).slice(0, MOST_HELD);
  const heldRows = new Set(held);
  const own = kept.map((event) => ({ text: event.prefix + event.text + event.suffix, path: event.path }));
  const rest = random(seed).shuffle(shipped.filter((row) => !heldRows.has(row)));
  return { train: [...own, ...workspace.slice(0, MOST_ROWS / 4), ...rest].slice(0, MOST_ROWS), held };
}

async function readRows(file: string): Promise<ReplayRow[]> {
  try {
    const parsed = JSON.parse(await readFile(file, 'utf8')) as { rows?: ReplayRow[] };
    return (parsed.rows ?? []).filter(
      (row) =>
        typeof row?.text === 'string' &&
        row.text.length > 40 &&
        /^(?:string|undefined)$/.test(typeof row.path),
    );
  } catch {
    return [];
  }
}
