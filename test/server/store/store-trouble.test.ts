/** The store when things go wrong: real processes, real files, real damage. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { Connection } from '../../../server/store/sqlite';
import { openStore } from '../../../server/store/store';
import { ROOT } from '../../root';
import { completion, scratch } from './records';

const CHILD = join(__dirname, 'store-child.ts');

/** Runs a writer; with `kill`, ends it as `kill -9` does after so many acknowledgements. Answers the acknowledged ids. */
function writer(file: string, prefix: string, count: number, kill?: number): Promise<string[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, 'write', file, prefix, String(count)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk;
      if (kill !== undefined && out.split('\n').length > kill) {
        child.kill('SIGKILL');
      }
    });
    child.on('close', () => resolve(out.split('\n').slice(0, -1)));
  });
}

async function eventually(condition: () => boolean, ms = 5_000): Promise<void> {
  for (const start = Date.now(); !condition(); ) {
    assert.ok(Date.now() - start < ms, 'it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('feedback store in trouble', () => {
  let place: ReturnType<typeof scratch>;
  let told: string[];
  const listen = {
    onTrouble: (sentence: string) => told.push(`trouble: ${sentence}`),
    onRecovered: (sentence: string) => told.push(`recovered: ${sentence}`),
  };
  beforeEach(() => {
    place = scratch();
    told = [];
  });
  afterEach(() => place.remove());

  it('loses nothing it has acknowledged when killed', async () => {
    const acknowledged: string[] = [];
    for (const [i, kill] of [1, 7, 40, 90].entries()) {
      const ids = await writer(place.file, `k${i}-`, 100_000, kill);
      assert.ok(ids.length >= kill);
      acknowledged.push(...ids);
    }
    const store = await openStore(place.file, listen);
    for (const id of acknowledged) {
      assert.ok(await store.completions.get(id), `${id} is lost`);
    }
    assert.deepEqual(told, []);
    const db = await Connection.open(place.file, 1_000);
    assert.deepEqual(await db.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    await db.close();
    await store.close();
  });

  it('is written by several processes at once', async () => {
    const store = await openStore(place.file, listen);
    const both = Promise.all([writer(place.file, 'a', 150), writer(place.file, 'b', 150)]);
    for (let i = 0; i < 150; i++) {
      await store.completions.insert(completion(`c${i}`));
      await store.panel.list({}, 0, 20);
    }
    const [a, b] = await both;
    assert.equal(a.length + b.length, 300);
    assert.equal(await store.completions.count(), 450);
    assert.equal((await store.panel.list({}, 0, 1_000)).events.length, 450);
    assert.deepEqual(told, []);
    await store.close();
  });

  it('keeps writes while another program holds the database, says so once, and catches up', async () => {
    const store = await openStore(place.file, { ...listen, busyMs: 50 });
    const other = await Connection.open(place.file, 50);
    await other.exec('BEGIN EXCLUSIVE');
    const writes = Array.from({ length: 20 }, (_, i) => store.completions.insert(completion(`c${i}`)));
    await eventually(() => told.length > 0);
    await assert.rejects(store.rounds.start(1, 1), /is locked by another program/);
    assert.equal(store.waitingWrites, 20);
    await other.exec('COMMIT');
    await Promise.all(writes);
    assert.equal(await store.completions.count(), 20);
    assert.equal(told.length, 2);
    assert.match(told[0]!, /^trouble: .*locked.*kept in memory/);
    assert.match(told[1]!, /^recovered: /);
    await other.close();
    await store.close();
  });

  it('starts with a locked database too', async () => {
    const other = await Connection.open(place.file, 50);
    await other.exec('BEGIN EXCLUSIVE; CREATE TABLE x(y);');
    const store = await openStore(place.file, { ...listen, busyMs: 30 });
    const write = store.completions.insert(completion('c1'));
    assert.equal(told.length, 1);
    assert.equal(await store.completions.count(), 0);
    await other.exec('ROLLBACK');
    await other.close();
    await write;
    assert.equal(await store.completions.count(), 1);
    await store.close();
  });

  it('keeps writes while the disk is full', function () {
    const node = `mount -t tmpfs -o size=2m tmpfs ${place.folder} && exec ${process.execPath} --import tsx ${CHILD} fill ${place.folder}`;
    try {
      execFileSync('unshare', ['-mr', 'true'], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    const out = execFileSync('unshare', ['-mr', 'sh', '-c', node], { encoding: 'utf8' });
    const { told: heard, waiting, refused, count } = JSON.parse(out);
    assert.equal(heard.length, 2, out);
    assert.match(heard[0], /the disk is full; free some space/);
    assert.match(heard[1], /can be written again/);
    assert.ok(waiting > 0);
    assert.match(refused, /full/);
    assert.equal(count, 51);
  });

  it('keeps writes while the file is read-only', async () => {
    const first = await openStore(place.file);
    await first.completions.insert(completion('c1'));
    await first.close();
    const root = process.getuid?.() === 0;
    chmodSync(place.file, 0o444);
    chmodSync(place.folder, 0o555);
    // Permissions do not bind root: take another user's rights for a moment.
    if (root) {
      process.seteuid!(65_534);
    }
    let store: Awaited<ReturnType<typeof openStore>>;
    let write: Promise<void>;
    try {
      store = await openStore(place.file, { ...listen, busyMs: 30 });
      write = store.completions.insert(completion('c2'));
      await eventually(() => told.length > 0);
    } finally {
      if (root) {
        process.seteuid!(0);
      }
      chmodSync(place.folder, 0o755);
      chmodSync(place.file, 0o644);
    }
    assert.match(told[0]!, /writable/);
    await write;
    assert.equal(await store.completions.count(), 2);
    assert.equal(told.length, 2);
    await store.close();
  });

  it('sets a file that is no database aside and begins a new one', async () => {
    const garbage = 'this is no database\n'.repeat(500);
    writeFileSync(place.file, garbage);
    const store = await openStore(place.file, listen);
    await store.completions.insert(completion('c1'));
    assert.equal(await store.completions.count(), 1);
    assert.equal(told.length, 1);
    assert.match(told[0]!, /was damaged; it was moved to .*damaged-.* and a new one was begun/);
    const aside = readdirSync(place.folder).find((name) => /damaged-.*Z$/.test(name))!;
    assert.equal(readFileSync(join(place.folder, aside), 'utf8'), garbage);
    await store.delete({ scope: 'event', completionId: 'c1' });
    assert.ok(existsSync(join(place.folder, aside)));
    await store.delete({ scope: 'all' });
    assert.deepEqual(
      readdirSync(place.folder).filter((name) => name.includes('damaged')),
      [],
      'what was set aside is the developer’s data too',
    );
    await store.close();
  });

  it('removes a damaged file that holds what is deleted, and no other', async () => {
    const store = await openStore(place.file, listen);
    await store.completions.insert(completion('c-4711', { uri: 'file:///w/secret.ts' }));
    const aside = `${place.file}.damaged-2026-01-01T00-00-00-000Z`;
    const padding = Buffer.alloc(65_530, 7);
    const put = (text: string) => {
      writeFileSync(aside, Buffer.concat([padding, Buffer.from(text), padding]));
      writeFileSync(`${aside}-wal`, padding);
    };
    put('file:///w/secret.ts');
    await store.delete({ scope: 'event', completionId: 'c-4711' });
    assert.ok(existsSync(aside));
    await store.delete({ scope: 'file', uri: 'file:///w/secret.ts' });
    assert.ok(!existsSync(aside) && !existsSync(`${aside}-wal`));
    await store.close();
  });

  it('sets a database damaged in the middle aside when it comes upon the damage', async () => {
    const first = await openStore(place.file);
    await Promise.all(Array.from({ length: 300 }, (_, i) => first.completions.insert(completion(`c${i}`))));
    await first.close();
    const fd = openSync(place.file, 'r+');
    for (let page = 2; page * 4096 < readFileSync(place.file).length; page++) {
      writeSync(fd, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
    }
    const store = await openStore(place.file, listen);
    await store.completions.insert(completion('new'));
    assert.equal((await store.completions.get('new'))?.id, 'new');
    assert.equal(told.length, 1);
    assert.match(told[0]!, /damaged/);
    await store.close();
  });

  it('says what to do where the native module is missing', () => {
    const out = join(place.folder, 'store.js');
    buildSync({
      entryPoints: [join(ROOT, 'server/store/store.ts')],
      outfile: out,
      bundle: true,
      platform: 'node',
      external: ['sqlite3'],
      logLevel: 'silent',
    });
    const broken = join(place.folder, 'node_modules', 'sqlite3');
    mkdirSync(broken, { recursive: true });
    writeFileSync(
      join(broken, 'index.js'),
      "module.exports = require('./build/Release/node_sqlite3.node');\n",
    );
    const script = `require(${JSON.stringify(out)}).openStore(${JSON.stringify(place.file)}).catch((e) => console.log(e.message))`;
    const message = execFileSync(process.execPath, ['-e', script], { cwd: place.folder, encoding: 'utf8' });
    assert.match(
      message,
      /native module sqlite3 does not load .*reinstall the extension.*npm rebuild sqlite3/,
    );
    assert.ok(!existsSync(place.file));
  });
});
