/**
 * What a keystroke costs the extension host: `npx tsx test/bench/editor/keystrokes.ts [keys]` (Linux, Debian's linux-perf). A real VS
 * Code; text is typed into a file with completions on, while the kernel samples the stack of the host's thread after every
 * 0.1 ms in which it ran, so that the time in which other processes had the core does not count. Ours is all that
 * runs below a function of our bundle, the language client in it and what they call, and what Node does to read a message from our server.
 * A key's are all samples from the one in which the editor tells the host of its change to the next such.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../quantile';
import { whileTyping } from './typing';

const PERIOD_MS = 0.1;
/** Names in a stack for perf's eyes: V8 writes them into a file. */
const NAMES = [
  '--perf-basic-prof',
  '--interpreted-frames-native-stack',
  '--logfile=/dev/null',
  '--no-logfile-per-isolate',
];
const KEY = /acceptModelChanged/;
/** Samples of one key's change are nearer than this, keys are further apart. */
const SAME_KEY_MS = 20;
const OURS = /hindsight[^/]*\/dist\/extension\.js|onread node:internal\/child_process/;

interface Sample {
  /** Since the machine started. */
  ms: number;
  ours: boolean;
  changes: boolean;
}

/** The samples of a recording, in the order of time. */
async function samplesOf(recording: string): Promise<Sample[]> {
  const perf = spawn('perf', ['script', '-i', recording, '-F', 'time,ip,sym'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const samples: Sample[] = [];
  for await (const line of createInterface({ input: perf.stdout! })) {
    const time = /^\s*(\d+\.\d+):/.exec(line);
    if (time) samples.push({ ms: Number(time[1]) * 1000, ours: false, changes: false });
    else if (OURS.test(line)) samples.at(-1)!.ours = true;
    else if (KEY.test(line)) samples.at(-1)!.changes = true;
  }
  return samples;
}

/** Milliseconds of each key's samples that count. */
function perKey(samples: Sample[], counts: (sample: Sample) => boolean): number[] {
  const times: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    if (sample.changes) {
      if (sample.ms - last > SAME_KEY_MS) times.push(0);
      last = sample.ms;
    }
    if (times.length > 0 && counts(sample)) times[times.length - 1]! += PERIOD_MS;
  }
  return times;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-perf-'));
  const recording = join(folder, 'perf.data');
  let perf: ChildProcess;
  const samples = await whileTyping(
    'keystrokes',
    Number(process.argv[2] ?? 400),
    {
      start: async (host) => {
        const what = ['-e', 'task-clock', '-c', String(PERIOD_MS * 1e6), '-g', '-t', String(host)];
        perf = spawn('perf', ['record', ...what, '-o', recording], { stdio: 'ignore' });
        await sleep(1000);
      },
      stop: async () => {
        perf.kill('SIGINT');
        await once(perf, 'exit');
        return samplesOf(recording);
      },
    },
    NAMES,
  );
  rmSync(folder, { recursive: true });

  for (const [name, times] of [
    ['ours', perKey(samples, ({ ours }) => ours)],
    ['the whole thread', perKey(samples, () => true)],
  ] as const) {
    const at = (share: number) => quantile(times, share).toFixed(2);
    const mean = (times.reduce((sum, time) => sum + time, 0) / times.length).toFixed(2);
    console.log(
      `${name}, ${times.length} keys: mean ${mean} ms, median ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, worst ${at(1)}`,
    );
  }
}

void main();
