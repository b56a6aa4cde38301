/**
 * What capture costs: `node --import tsx test/server/capture/bench-capture.ts`. A long file with many followed completions;
 * prints ms for each message, and how long the event loop was held at most.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { quantile } from '../../bench/quantile';
import { Session } from './session';

const LINES = 4_000;
const FOLLOWED = 60;

async function main(): Promise<void> {
  const s = await Session.start();
  const loop = monitorEventLoopDelay({ resolution: 5 });
  const body = Array.from({ length: LINES }, (_, i) => `function f${i}(a: number) {\n  return \n}\n`).join(
    '\n',
  );
  s.open('src/long.ts', body);
  const table: [string, number[]][] = [];
  const timed = (name: string) => {
    const took: number[] = [];
    table.push([name, took]);
    return (work: () => void) => {
      const start = performance.now();
      work();
      took.push(performance.now() - start);
    };
  };
  // Each message by itself: the scripted editor's own work on a long text is no part of it.
  const { capture } = s;
  for (const name of ['addCompletion', 'shown', 'documentChanged', 'accepted', 'feedback'] as const) {
    const measure = timed(`${name} (60 followed)`);
    const call = capture[name].bind(capture) as (argument: unknown) => unknown;
    Object.assign(capture, { [name]: (argument: unknown) => measure(() => call(argument)) });
  }
  for (let i = 0; i < FOLLOWED; i++) {
    const id = s.take('src/long.ts', `function f${i * 50}(a: number) {\n  return `, `compute(a, ${i});`);
    capture.feedback({ completionId: id, text: 'words', thumbs: 0, at: s.clock.now() });
  }
  for (const name of ['addCompletion', 'shown', 'documentChanged', 'accepted', 'feedback'])
    Reflect.deleteProperty(capture, name);
  await s.capture.flush(60_000);
  const noise = 'debug: item 17 of 20000 handled in 3 ms\n'.repeat(1_250_000);
  const output = Buffer.from(`${noise}\nTypeError: no\n    at f (${s.folder}/src/long.ts:12:3)\n`).toString();
  loop.enable();
  const uri = s.uri('src/long.ts');
  let version = s.files.get('src/long.ts')!.version;
  const key = timed('keystroke');
  for (let i = 0; i < 2_000; i++) {
    const range = { start: { line: 5, character: 2 }, end: { line: 5, character: 2 } };
    key(() => s.capture.documentChanged({ uri, version: ++version, contentChanges: [{ range, text: 'x' }] }));
    if (i % 50 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const save = timed('save');
  for (let i = 0; i < 20; i++) {
    save(() => s.capture.documentSaved(uri));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const format = timed('whole document formatted');
  const formatted = body.replaceAll('(a: number)', '( a: number )');
  for (let i = 0; i < 5; i++) {
    format(() =>
      s.capture.documentChanged({
        uri,
        version: ++version,
        contentChanges: [{ text: i % 2 ? body : formatted }],
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  const run = timed('failing run, 50 MB of output');
  for (let i = 0; i < 5; i++) {
    const at = s.clock.now();
    run(() =>
      s.capture.run({
        source: 'terminal',
        command: 'npm test',
        cwd: s.folder,
        exitCode: 1,
        output,
        startedAt: at,
        endedAt: at,
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
  }
  await s.capture.flush(60_000);
  loop.disable();
  for (const [name, took] of table) {
    const at = (share: number) => quantile(took, share).toFixed(2).padStart(8);
    console.log(`${name.padEnd(32)} median ${at(0.5)}  p99 ${at(0.99)}  worst ${at(1)}`);
  }
  console.log(`event loop held at most ${(loop.max / 1e6).toFixed(0)} ms`);
  await s.end();
}

void main();
