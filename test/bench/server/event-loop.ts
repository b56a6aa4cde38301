/**
 * How long the server's event loop stalls while someone types, with completions, acceptances, test runs, diagnostics, an
 * open panel and a round of training: the longest times in which nothing else was served.
 *
 *   node --require tsx/cjs test/bench/server/event-loop.ts [--keys 14400] [--between 20]
 *
 * 14,400 keys are an hour of typing at four a second, here with less time between. A process that does nothing beside it
 * says what the machine itself makes of a timer; `thread` counts only what the main thread computed.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { defaultSettings } from '../../../server/protocol/settings';
import { ROOT } from '../../root';
import { bundleServer } from '../../server/bundle';
import { LanguageClient } from '../../server/language-client';

const { values } = parseArgs({
  options: { keys: { type: 'string', default: '14400' }, between: { type: 'string', default: '20' } },
});
const PROBE = join(__dirname, 'event-loop-probe.cjs');
const LINES = [
  'const user = users.get(id);',
  'if (user === undefined) return null;',
  "log.warn('missing', { id });",
  'return orders.filter((order) => order.user === id && order.total > 0);',
  '// what is left is paid later',
];
/** What a test runner prints where much goes wrong: some hundred kilobytes. */
const RUN = readFileSync(join(ROOT, 'test/fixtures/cases/runs/jest-verbose-tty.txt'), 'utf8');

interface Stalls {
  clock: number[];
  thread: number[];
  looks: number;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-event-loop-'));
  const workspace = join(folder, 'workspace');
  cpSync(join(ROOT, 'test/workspaces/sample'), workspace, { recursive: true });
  execFileSync('git', ['init', '-q'], { cwd: workspace });
  const entry = await bundleServer();
  const child = spawn(process.execPath, ['--require', PROBE, entry, '--stdio'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const idle = spawn(process.execPath, ['--require', PROBE, '-e', 'setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const settings = {
    ...defaultSettings,
    learning: { ...defaultSettings.learning, automatic: false, maxSeconds: 20, settleSeconds: 1 },
  };
  const client = new LanguageClient(
    entry,
    {
      storagePath: join(folder, 'storage'),
      embeddedModelPath: join(ROOT, 'media/model'),
      trusted: true,
      settings,
    },
    child,
  );
  try {
    await client.initialize(workspace);
    const state = async () => (await client.request('hindsight/status', null)).activity;
    await client.until(async () => (await state()) === 'idle', 'the model', 60_000);
    const both = async () => [await stallsOf(child), await stallsOf(idle)] as const;
    report('start', ...(await both()));
    await type(client, workspace, Number(values.keys), Number(values.between));
    report('typing', ...(await both()));
    const training = client.request('hindsight/trainNow', {});
    while ((await Promise.race([training.then((round) => round.message), sleep(200)])) === undefined)
      await client.request('hindsight/events', { filter: {}, offset: 0, limit: 200 });
    console.log((await training).message);
    report('round', ...(await both()));
  } finally {
    idle.kill();
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Types lines into a file of the sample, as a person would who takes some of what is offered. */
async function type(client: LanguageClient, workspace: string, keys: number, between: number): Promise<void> {
  const file = join(workspace, 'src/orders.js');
  const uri = pathToFileURL(file).href;
  const text = readFileSync(file, 'utf8').repeat(20);
  await client.open(uri, 'javascript', text);
  const line = Math.floor(text.split('\n').length / 2);
  let column = text.split('\n')[line]!.length;
  const put = async (written: string) => {
    await client.change(uri, line, column, column, written);
    column += written.length;
  };
  const typed = LINES.join(' ');
  for (let key = 1; key <= keys; key++) {
    await put(typed[key % typed.length]!);
    const offered = client.complete(uri, line, column);
    await sleep(between);
    if (key % 40 === 0) {
      const found = await offered;
      if (found && !found.text.includes('\n')) {
        const at = Date.now();
        await client.notify('hindsight/shown', { completionId: found.id, confidence: 'observed', at });
        await put(found.text);
        await client.notify('hindsight/accepted', { completionId: found.id, confidence: 'observed', at });
        // And corrects it.
        await client.change(uri, line, column - 1, column, '');
        column -= 1;
        await put('();');
      }
    }
    if (column > 160) {
      await client.change(uri, line, 0, column, '');
      column = 0;
    }
    if (key % 100 === 0) await client.save(uri);
    if (key % 400 === 0) await happen(client, workspace, uri, line);
  }
}

/** A failing test run, diagnostics, and a look into the panel. */
async function happen(client: LanguageClient, workspace: string, uri: string, line: number): Promise<void> {
  const at = Date.now();
  await client.notify('hindsight/run', {
    source: 'terminal',
    command: 'npx jest',
    cwd: workspace,
    exitCode: 1,
    output: RUN.repeat(Math.ceil(200_000 / RUN.length)),
    startedAt: at - 1000,
    endedAt: at,
  });
  const range = { start: { line, character: 0 }, end: { line, character: 9 } };
  const item = { range, message: "';' expected.", severity: 'error' as const, source: 'ts' };
  await client.notify('hindsight/diagnostics', { uri, version: 0, items: Array(200).fill(item) });
  await client.request('hindsight/events', { filter: {}, offset: 0, limit: 500 });
  await client.request('hindsight/acceptance', { bucketMs: 3_600_000, limit: 500 });
}

function stallsOf(child: {
  kill(signal: NodeJS.Signals): boolean;
  stderr: NodeJS.ReadableStream | null;
}): Promise<Stalls> {
  return new Promise((resolve) => {
    let text = '';
    const read = (data: Buffer) => {
      text += data.toString();
      const found = /^stalls (.*)$/m.exec(text);
      if (!found) return;
      child.stderr!.off('data', read);
      resolve(JSON.parse(found[1]!));
    };
    child.stderr!.on('data', read);
    child.kill('SIGUSR2');
  });
}

function report(phase: string, server: Stalls, idle: Stalls): void {
  const list = (stalls: number[]) => stalls.join(', ');
  console.log(
    `${phase}: thread ${list(server.thread)} ms; clock ${list(server.clock)} ms; idle process: clock ${list(idle.clock)} ms`,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
