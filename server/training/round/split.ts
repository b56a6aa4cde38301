/**
 * Which corrections are held out: by whole files and whole commits, the newest, never single rows. A correction's
 * neighbour in the same file, or another place changed by the same commit, would give the answer away.
 */

import path from 'node:path';
import { filePath } from '../../base/file-path';
import type { LearningEvent } from '../../store/records';
import { git } from '../../workspace/git-command';

/** With fewer new events all of them are needed for learning. */
const LEAST_TO_SPLIT = 10;
const HELD_OUT_SHARE = 0.2;
const GIT_MS = 2000;
/** Commits looked at, newest first; what is older counts as one. */
const MOST_COMMITS = 500;

export interface Split {
  train: LearningEvent[];
  held: LearningEvent[];
  /** What no two of them share with the trained ones; null where nothing is held out. */
  by: 'file and commit' | 'file' | null;
}

/**
 * Holds out the newest fifth. Where files and commits hang together so much that no fifth can be cut off, by files alone;
 * nothing where there are fewer than ten events, or only one file.
 * @param commits commit of each event by its id (`commitsOf`); none where there is no git
 */
export function splitHeldOut(
  events: readonly LearningEvent[],
  commits: ReadonlyMap<number, string> = new Map(),
): Split {
  if (events.length < LEAST_TO_SPLIT) return { train: [...events], held: [], by: null };
  const file = ({ uri }: LearningEvent) => [uri];
  const both = ({ id, uri }: LearningEvent) => [uri, ...(commits.has(id) ? [commits.get(id)!] : [])];
  for (const [keys, by] of [
    ...(commits.size > 0 ? [[both, 'file and commit'] as const] : []),
    [file, 'file'] as const,
  ]) {
    const held = new Set(newestGroups(groups(events, keys), events.length).flat());
    if (held.size === 0) continue;
    return {
      train: events.filter((event) => !held.has(event)),
      held: events.filter((event) => held.has(event)),
      by,
    };
  }
  return { train: [...events], held: [], by: null };
}

/** Events that share a key, directly or over others. */
function groups(
  events: readonly LearningEvent[],
  keysOf: (event: LearningEvent) => string[],
): LearningEvent[][] {
  const groupOf = new Map<string, LearningEvent[]>();
  for (const event of events) {
    const keys = keysOf(event);
    const joined = [...new Set(keys.flatMap((key) => groupOf.get(key) ?? [])), event];
    const all = new Set([...keys, ...joined.flatMap(keysOf)]);
    for (const key of all) groupOf.set(key, joined);
  }
  return [...new Set(groupOf.values())];
}

function newestGroups(all: LearningEvent[][], events: number): LearningEvent[][] {
  const wanted = Math.round(events * HELD_OUT_SHARE);
  const last = (group: LearningEvent[]) => Math.max(...group.map(({ createdAt }) => createdAt));
  const chosen: LearningEvent[][] = [];
  let count = 0;
  for (const group of [...all].sort((a, b) => last(b) - last(a))) {
    if (count >= wanted) break;
    // A group with most of the corrections is worth more as something to learn from.
    if (count + group.length > wanted * 2) continue;
    chosen.push(group);
    count += group.length;
  }
  return chosen;
}

/**
 * The commit that each event's change went into: the first one after it, in the repository of its file; what is not
 * committed yet counts as one. Events outside git are left out.
 */
export async function commitsOf(events: readonly LearningEvent[]): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const repositories = new Map<string, Promise<{ root: string; times: number[] } | null>>();
  for (const { id, uri, createdAt } of events) {
    const folder = folderOf(uri);
    if (folder === null) continue;
    if (!repositories.has(folder)) repositories.set(folder, commitTimes(folder));
    const repository = await repositories.get(folder);
    if (!repository) continue;
    const since = repository.times.filter((time) => time > createdAt).length;
    found.set(id, `${repository.root}#${since}`);
  }
  return found;
}

function folderOf(uri: string): string | null {
  const file = filePath(uri);
  return file === null ? null : path.dirname(file);
}

/** When the last commits of a folder's repository were made, in ms since the epoch. */
async function commitTimes(folder: string): Promise<{ root: string; times: number[] } | null> {
  try {
    const root = (await git(folder, ['rev-parse', '--show-toplevel'], GIT_MS)).trim();
    const log = await git(root, ['log', '--format=%ct', '-n', String(MOST_COMMITS)], GIT_MS);
    return {
      root,
      times: log
        .split('\n')
        .filter(Boolean)
        .map((time) => 1000 * Number(time)),
    };
  } catch {
    return null;
  }
}
