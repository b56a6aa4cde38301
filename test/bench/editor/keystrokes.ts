/**
 * What a keystroke costs the extension host: `node --experimental-websocket --import tsx test/bench/editor/keystrokes.ts [keys]`. A real VS Code; text is typed
 * into a file with completions on, while the host's processor is sampled every 0.1 ms. Counted is all that runs below a
 * function of our bundle, the language client in it and what they call. Prints ms a keystroke.
 */
import { quantile } from '../quantile';
import type { Profile } from './host-profiler';
import { BETWEEN_MS, whileTyping } from './typing';

/** Samples are 0.1 ms apart on a machine with nothing else to do. */
const LONGEST_SAMPLE_MS = 0.5;

/** Nodes of the profile that run below a function of our bundle. */
function ours(profile: Profile): Set<number> {
  const children = new Map(profile.nodes.map((node) => [node.id, node.children ?? []]));
  const found = new Set<number>();
  const add = (id: number): void => {
    found.add(id);
    for (const child of children.get(id)!) add(child);
  };
  for (const { id, callFrame } of profile.nodes)
    if (/hindsight[^/]*\/dist\/extension\.js$/.test(callFrame.url)) add(id);
  return found;
}

/**
 * Milliseconds of ours in each stretch of the time between two keys. A sample counts for the time since the one before, at
 * most `longest` ms: while the machine runs another process there are no samples, and what comes after is no work of ours.
 */
function perKey(profile: Profile, longest: number): number[] {
  const mine = ours(profile);
  const stretches = new Map<number, number>();
  let at = 0;
  profile.samples.forEach((id, i) => {
    const delta = profile.timeDeltas[i]!;
    at += delta;
    const stretch = Math.floor(at / 1_000 / BETWEEN_MS);
    stretches.set(
      stretch,
      (stretches.get(stretch) ?? 0) + (mine.has(id) ? Math.min(longest, delta / 1_000) : 0),
    );
  });
  return [...stretches.values()];
}

async function main(): Promise<void> {
  const profile = await whileTyping('keystrokes', Number(process.argv[2] ?? 400), {
    start: (host) => host.start(100),
    stop: (host) => host.stop(),
  });
  for (const [name, longest] of [
    ['running', LONGEST_SAMPLE_MS],
    ['by the clock', Number.POSITIVE_INFINITY],
  ] as const) {
    const times = perKey(profile, longest);
    const at = (share: number) => quantile(times, share).toFixed(2);
    console.log(`${name}: median ${at(0.5)} ms, p90 ${at(0.9)}, p99 ${at(0.99)}, worst ${at(1)}`);
  }
}

void main();
