/** Which operators a token and a training step spend their time in. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FolderModel } from '../../model/open';

/** Milliseconds by operator, the largest first. */
export type OperatorTimes = Record<string, number>;

interface ProfileEvent {
  cat?: string;
  name?: string;
  dur?: number;
  args?: { op_name?: string };
}

/** Sums the durations of a runtime's record of its runs, in microseconds there. */
export function operatorTimes(events: readonly ProfileEvent[]): OperatorTimes {
  const sums = new Map<string, number>();
  for (const { cat, name, dur = 0, args } of events) {
    if (cat !== 'Node' || !name?.endsWith('kernel_time') || !args?.op_name) continue;
    sums.set(args.op_name, (sums.get(args.op_name) ?? 0) + dur / 1000);
  }
  return Object.fromEntries([...sums].sort(([, a], [, b]) => b - a));
}

/** Runs `work` on a part of the model and tells what its operators took, what was done to load it included. */
export async function profiled(
  model: FolderModel,
  work: (model: FolderModel) => Promise<{ close(): Promise<void> }>,
): Promise<OperatorTimes> {
  const folder = await mkdtemp(join(tmpdir(), 'hindsight-profile-'));
  model.parts.profile = join(folder, 'run');
  try {
    const part = await work(model);
    await part.close();
    const files = (await readdir(folder)).map((name) => readFileSync(join(folder, name), 'utf8'));
    return operatorTimes(files.flatMap((text) => JSON.parse(text) as ProfileEvent[]));
  } finally {
    model.parts.profile = undefined;
    await rm(folder, { recursive: true, force: true });
  }
}

/** The operators that make up most of the time, as shares. */
export function describeTimes(times: OperatorTimes): string {
  const total = Object.values(times).reduce((a, b) => a + b, 0);
  return Object.entries(times)
    .filter(([, ms]) => ms > 0.02 * total)
    .map(([name, ms]) => `${name} ${((100 * ms) / total).toFixed(0)} %`)
    .join(', ');
}
