import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { loadAdapter } from '../../../server/model/open';
import { Connection } from '../../../server/store/sqlite';
import { ROOT } from '../../root';
import { capture, corrections, storage } from './fixtures';

const CLI = path.join(ROOT, 'server/cli.ts');

function hindsight(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--require', 'tsx/cjs', CLI, ...args], (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe('learning from the command line', function () {
  this.timeout(180_000);

  it('trains, tells the status, and exports', async () => {
    const box = await storage();
    for (const one of corrections(4)) await capture(box.store, one);
    await box.store.close();
    const db = path.join(box.folder, 'feedback.db');
    const out = (name: string) => path.join(box.folder, name);

    const trained = await hindsight('train', '--db', db, '--max-seconds', '2', '--json');
    assert.equal(trained.code, 0, trained.err);
    const round = JSON.parse(trained.out);
    assert.equal(round.state, 'kept-insufficient-evidence', round.message);

    const status = JSON.parse((await hindsight('status', '--db', db, '--json')).out);
    assert.equal(status.adapter, round.adapter);
    assert.deepEqual([status.events.trained, status.completions], [4, 4]);

    const exported = await hindsight(
      'export',
      '--db',
      db,
      '--format',
      'trl-sdpo',
      '--out',
      out('rows.jsonl'),
    );
    assert.match(exported.out, /4 rows/);
    const row = JSON.parse(readFileSync(out('rows.jsonl'), 'utf8').split('\n')[0]!);
    assert.match(row.privileged_context, /^kept: lg\.emit/);
    assert.ok(row.prompt.endsWith('    ') && row.completion.startsWith('lg.emit'));
    assert.equal((await hindsight('export', '--db', db, '--format', 'peft', '--out', out('peft'))).code, 0);
    assert.ok(loadAdapter(out('peft')).tensors.size > 0);
    assert.equal(
      (await hindsight('export', '--db', db, '--out', out('rows.jsonl'))).code,
      2,
      'never overwrites',
    );
    await rm(box.folder, { recursive: true, force: true });
  });

  it('leaves everything as it was at Ctrl-C, as a terminal sends it', async () => {
    const box = await storage();
    for (const one of corrections(4)) await capture(box.store, one);
    await box.store.close();
    const db = path.join(box.folder, 'feedback.db');
    const args = ['--require', 'tsx/cjs', CLI, 'train', '--db', db, '--max-seconds', '120', '--json'];
    const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const adapters = path.join(box.folder, 'adapters');
    for (let waited = 0; waited < 1000 && !existsSync(adapters); waited++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(existsSync(adapters), 'the round has begun');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    process.kill(-child.pid!, 'SIGINT');
    assert.equal(await ended, 1);
    assert.equal(JSON.parse(out).state, 'cancelled', out);
    assert.ok(!existsSync(path.join(box.folder, 'checkpoint.bin')));
    assert.deepEqual(readdirSync(adapters), []);
    const status = JSON.parse((await hindsight('status', '--db', db, '--json')).out);
    assert.deepEqual([status.events.ready, status.adapter], [4, null]);
    await rm(box.folder, { recursive: true, force: true });
  });

  it('touches no file that is no store', async () => {
    const box = await storage();
    await box.store.close();
    const note = path.join(box.folder, 'note.txt');
    const foreign = path.join(box.folder, 'foreign.db');
    writeFileSync(note, 'not a database\n'.repeat(20));
    const db = await Connection.open(foreign, 1000);
    await db.exec('CREATE TABLE mine(a)');
    await db.close();
    const before = [readFileSync(note), readFileSync(foreign)];
    for (const file of [note, foreign, box.folder]) {
      const { code, err } = await hindsight('train', '--db', file);
      assert.equal(code, 2, err);
      assert.match(err, /name the store's database file/);
    }
    assert.deepEqual([readFileSync(note), readFileSync(foreign)], before);
    await rm(box.folder, { recursive: true, force: true });
  });

  it('says what is wrong in one sentence, with exit code 2', async () => {
    for (const args of [
      ['train', '--db', '/nowhere/feedback.db'],
      ['status', '--db', '/nowhere/feedback.db'],
      ['bench', 'learning', '--feedback', 'telepathy'],
    ]) {
      const { code, err } = await hindsight(...args);
      assert.equal(code, 2, err);
      assert.equal(err.trim().split('\n').length, 1, err);
    }
    assert.ok(!existsSync('/nowhere'));
  });
});
