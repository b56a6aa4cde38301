/** Which operators of a graph a device runs, and which fall back to the CPU: read from the runtime's own record of a run. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession, type RuntimeTensor, type SessionOptions } from './runtime';

export interface Placement {
  /** Nodes that ran on the device, and on the CPU beside it. */
  onDevice: number;
  onCpu: number;
  /** The operators that fell back to the CPU, with how many nodes each. */
  fallenBack: Record<string, number>;
}

/** Runs the graph once. Shape arithmetic is the CPU's work on every device and no fallback. */
export async function placementOf(
  model: Uint8Array,
  options: SessionOptions,
  feeds: Record<string, RuntimeTensor>,
): Promise<Placement> {
  const folder = await mkdtemp(join(tmpdir(), 'hindsight-placement-'));
  try {
    const session = await createSession(model, { ...options, profile: join(folder, 'run') });
    try {
      await session.run(feeds);
    } finally {
      await session.close();
    }
    const [file] = await readdir(folder);
    return readPlacement(JSON.parse(readFileSync(join(folder, file!), 'utf8')) as ProfileEvent[]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface ProfileEvent {
  cat?: string;
  name?: string;
  args?: { op_name?: string; provider?: string; output_type_shape?: Record<string, unknown>[] };
}

export function readPlacement(events: readonly ProfileEvent[]): Placement {
  const out: Placement = { onDevice: 0, onCpu: 0, fallenBack: {} };
  for (const { cat, name, args } of events) {
    if (cat !== 'Node' || !name?.endsWith('kernel_time') || !args?.op_name) continue;
    if (args.provider !== 'CPUExecutionProvider') {
      out.onDevice += 1;
      continue;
    }
    out.onCpu += 1;
    if (isArithmeticOnShapes(args.output_type_shape)) continue;
    out.fallenBack[args.op_name] = (out.fallenBack[args.op_name] ?? 0) + 1;
  }
  return out;
}

/** Whole numbers of at most a few entries: a shape or a bound, not a tensor. */
function isArithmeticOnShapes(outputs: readonly Record<string, unknown>[] | undefined): boolean {
  return (outputs ?? []).every((output) =>
    Object.entries(output).every(([type, shape]) => {
      const size = (shape as number[]).reduce((n, d) => n * d, 1);
      return size <= 16 && (type === 'int64' || type === 'int32' || size <= 1);
    }),
  );
}
