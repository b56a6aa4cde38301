import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openExistingStore } from '../../../server/cli/existing-store';
import { Connection } from '../../../server/store/sqlite';
import { openStore } from '../../../server/store/store';
import { completion } from '../store/records';

describe('a store that a command is pointed to', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-existing-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is known although all of it still lies in the write-ahead log, as a killed server leaves it', async () => {
    const [live, left] = [join(folder, 'live.db'), join(folder, 'left.db')];
    const store = await openStore(live);
    await store.completions.insert(completion('c1'));
    for (const end of ['', '-wal']) copyFileSync(live + end, left + end);
    await store.close();
    const found = await openExistingStore(left);
    assert.equal(await found.completions.count(), 1);
    await found.close();
  });

  it('is not another program’s database, with a log or without', async () => {
    const path = join(folder, 'other.db');
    const other = await Connection.open(path, 1000);
    await other.exec('PRAGMA journal_mode = WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1);');
    assert.ok(existsSync(`${path}-wal`));
    await assert.rejects(openExistingStore(path), /not one of Hindsight's/);
    await other.close();
    await assert.rejects(openExistingStore(path), /not one of Hindsight's/);
  });
});
