/** One day of the whole server, as an editor makes it: offers, edits, a failing run, a comment, a round, a deletion; and a fault in it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultSettings } from '../../../server/protocol/settings';
import { Connection } from '../../../server/store/sqlite';
import { ROOT } from '../../root';
import { LanguageClient } from '../language-client';

/** The kind of a fault that ends the whole server, `at` ms after its start. */
export const KILL = 'kill';

/** Which call goes wrong: the `at`-th of its kind in the process or thread of that role. */
export interface Fault {
  role: string;
  kind: string;
  at: number;
  code: string;
}

export interface Day {
  /** Calls by role and kind, the most of any process or thread of that role. */
  counts: Map<string, number>;
  /** Completions that the server said were on disk. */
  acknowledged: number;
  /** What the round said. */
  round: string;
}

const PLACES = [2, 7, 12, 17];
const SOURCE = 'export function load(id) {\n  if (!id) {\n    \n  }\n}\n'.repeat(PLACES.length);

/**
 * Lives through one day with a fault in it, then opens everything again without one.
 * @param entry the server's bundle, with its threads and its trainer beside it
 * @throws where the server died, did not answer, or something acknowledged is lost, doubled or not deleted
 */
export async function liveThrough(entry: string, fault: Fault | null): Promise<Day> {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-day-'));
  try {
    return await inside(folder, entry, fault);
  } catch (error) {
    throw new Error(`${JSON.stringify(fault)}: ${(error as Error).stack}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inside(folder: string, entry: string, fault: Fault | null): Promise<Day> {
  for (const name of ['storage', 'workspace', 'counts']) mkdirSync(join(folder, name));
  symlinkSync(join(ROOT, 'media/model'), join(folder, 'model'), 'dir');
  writeFileSync(join(folder, 'workspace/a.js'), SOURCE);
  const plan = { folder, counts: join(folder, 'counts'), ...fault };
  const client = start(folder, entry, JSON.stringify(plan));
  const told: Told = { acknowledged: new Set(), deleted: new Set(), round: '' };
  const killed = fault?.kind === KILL ? killedAfter(client, fault.at) : null;
  const day = tell(client, join(folder, 'workspace'), told);
  if (killed) {
    // Whatever is under way ends with the server; nobody answers any more.
    const lived = await Promise.race([killed.death, day.then(() => true as const)]).catch(() => killed.death);
    killed.cancel();
    if (lived === true) {
      await client.close();
    } else {
      told.round = `killed, ${told.round}`;
      client.connection.dispose();
    }
    day.catch(() => undefined);
  } else {
    await day.finally(() => client.close());
  }
  await check(start(folder, entry, 'null'), join(folder, 'workspace'), told);
  const db = await Connection.open(join(folder, 'storage/hindsight.db'), 1_000);
  assert.deepEqual(await db.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  await db.close();
  return {
    counts: countsIn(join(folder, 'counts')),
    acknowledged: told.acknowledged.size,
    round: told.round,
  };
}

function start(folder: string, entry: string, fault: string): LanguageClient {
  const settings = {
    ...defaultSettings,
    learning: { ...defaultSettings.learning, automatic: false, maxSeconds: 1, settleSeconds: 1 },
  };
  const child = spawn(process.execPath, [entry, '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      HINDSIGHT_FAULT: fault,
      NODE_OPTIONS: `--require ${join(__dirname, 'faults.cjs')}`,
    },
  });
  return new LanguageClient(
    entry,
    {
      storagePath: join(folder, 'storage'),
      embeddedModelPath: join(folder, 'model'),
      trusted: true,
      settings,
    },
    child,
  );
}

interface Told {
  /** What the server said was on disk: completions that were taken and corrected. */
  acknowledged: Set<string>;
  deleted: Set<string>;
  round: string;
}

/** As `kill -9` and the system do, so many ms after the start. `death` resolves then, and never where it is cancelled. */
function killedAfter(client: LanguageClient, ms: number) {
  let timer: NodeJS.Timeout | undefined;
  const death = new Promise<false>((resolve) => {
    timer = setTimeout(() => {
      client.process.once('exit', () => resolve(false));
      client.process.kill('SIGKILL');
    }, ms);
  });
  return { death, cancel: () => clearTimeout(timer) };
}

async function tell(client: LanguageClient, workspace: string, told: Told): Promise<void> {
  let died: string | null = null;
  client.process.on('exit', (code, signal) => {
    died = `the server ended with ${code ?? signal}`;
  });
  const alive = () => assert.equal(died, null, died ?? '');
  /** Asked again as a person would who is told that it went wrong; a server that is gone never answers. */
  const again = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await within(work(), 60_000);
      } catch (error) {
        alive();
        if (attempt === 3) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  // Without a folder for its data no server can be; it says so, and the next start goes well.
  const begin = async () => {
    await client.initialize(workspace);
    await client.request('hindsight/events', { filter: {}, offset: 0, limit: 1 });
  };
  const refused = await within(begin(), 60_000).then(
    () => null,
    (error: Error) => error.message,
  );
  if (refused !== null) {
    alive();
    told.round = `refused to start: ${refused}`;
    return;
  }
  const uri = pathToFileURL(join(workspace, 'a.js')).href;
  await client.open(uri, 'javascript', SOURCE);
  await client.until(
    async () =>
      ['idle', 'error'].includes((await again(() => client.request('hindsight/status', null))).activity),
    'the model',
    60_000,
  );
  const taken: string[] = [];
  for (const line of PLACES) {
    const offered = await client.complete(uri, line, 4).catch(() => null);
    if (!offered) continue;
    const at = Date.now();
    const first = offered.text.split('\n')[0]!;
    await client.notify('hindsight/shown', { completionId: offered.id, confidence: 'observed', at });
    await client.change(uri, line, 4, 4, first);
    await client.notify('hindsight/accepted', {
      completionId: offered.id,
      confidence: 'observed',
      at,
      ...(first.length < offered.text.length ? { acceptedLength: first.length } : {}),
    });
    await client.change(uri, line, 4, 4 + first.length, 'return missing(id);');
    taken.push(offered.id);
  }
  await client.save(uri);
  const now = Date.now();
  await client.notify('hindsight/run', {
    source: 'terminal',
    command: 'npx mocha',
    cwd: workspace,
    exitCode: 1,
    output: `\n  0 passing (1ms)\n  1 failing\n\n  1) load\n       finds:\n     TypeError: missing is not a function\n      at load (a.js:3:12)\n`,
    startedAt: now - 500,
    endedAt: now,
  });
  const [first, second] = taken;
  if (first)
    await client.notify('hindsight/feedback', { completionId: first, text: 'not here', thumbs: 0, at: now });
  const durable = await again(() => client.request('hindsight/durable', null));
  if (durable) for (const id of taken) told.acknowledged.add(id);
  await again(() => client.request('hindsight/events', { filter: {}, offset: 0, limit: 50 }));
  told.round = await client.request('hindsight/trainNow', {}).then(
    (round) => round.message,
    (error: Error) => error.message,
  );
  alive();
  if (second) {
    // From now on it may be gone.
    told.acknowledged.delete(second);
    await again(() => client.request('hindsight/delete', { scope: 'event', completionId: second }));
    told.deleted.add(second);
  }
  await again(() => client.request('hindsight/status', null));
  await again(() => client.request('hindsight/durable', null));
  alive();
}

/** What is there once everything works again. */
async function check(client: LanguageClient, workspace: string, told: Told): Promise<void> {
  try {
    await within(client.initialize(workspace), 60_000);
    const { events } = await client.request('hindsight/events', { filter: {}, offset: 0, limit: 500 });
    const ids = events.map(({ completionId }) => completionId);
    assert.equal(new Set(ids).size, ids.length, 'nothing is there twice');
    for (const id of told.acknowledged) {
      const story = await client.request('hindsight/event', { completionId: id });
      assert.ok(story, `${id} is lost`);
      assert.match(story.kept.at(-1)?.text ?? '', /missing\(id\)/, `the correction of ${id} is lost`);
    }
    for (const id of told.deleted) assert.ok(!ids.includes(id), `${id} is still there`);
    await client.until(
      async () => (await client.request('hindsight/status', null)).activity === 'idle',
      'the model, without a fault',
      60_000,
    );
  } finally {
    await client.close();
  }
}

function countsIn(folder: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of readdirSync(folder)) {
    const key = name.slice(0, name.lastIndexOf(' '));
    const n = Number(readFileSync(join(folder, name), 'latin1'));
    counts.set(key, Math.max(n, counts.get(key) ?? 0));
  }
  return counts;
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const CODES = ['EIO', 'ENOSPC', 'EACCES', 'EMFILE', 'ENOENT', 'EBUSY'];

/** Every fault that a day has room for, as its counts say. */
export function faultsOf({ counts }: Day): Fault[] {
  return [...counts].flatMap(([key, n]) => {
    const [role, ...kind] = key.split(' ');
    return Array.from({ length: n }, (_, i) => ({
      role: role!,
      kind: kind.join(' '),
      at: i + 1,
      code: CODES[i % CODES.length]!,
    }));
  });
}
