/** What docs/reliability.md says of the bundled SQLite: it has the fix that several processes on one log need, and none of what 3.52.0 was withdrawn for is used. */
import assert from 'node:assert/strict';
import { Connection } from '../../../server/store/sqlite';
import { openStore } from '../../../server/store/store';
import { scratch } from './records';

/** Releases with the fix of the WAL-reset bug, from which on a branch has it: [major, minor, patch]. */
const FIXED: [number, number, number][] = [
  [3, 44, 6],
  [3, 50, 7],
  [3, 51, 3],
  [3, 52, 0],
];

describe('the bundled SQLite', () => {
  let place: ReturnType<typeof scratch>;
  let db: Connection;
  before(async () => {
    place = scratch(true);
    await (await openStore(place.file)).close();
    db = await Connection.open(place.file, 1_000);
  });
  after(async () => {
    await db.close();
    place.remove();
  });

  it('does not damage a database whose log is reset by one process while another one writes', async () => {
    const [major, minor, patch] = (await db.get<{ v: string }>('SELECT sqlite_version() AS v'))!.v
      .split('.')
      .map(Number) as [number, number, number];
    const branch = FIXED.find((one) => one[0] === major && one[1] === minor);
    assert.ok(
      minor > 52 || (branch && patch >= branch[2]),
      `${major}.${minor}.${patch} has the WAL-reset bug`,
    );
  });

  it('is asked to index no expression, whose values a change of number formats would leave stale', async () => {
    const indexes = await db.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'index'");
    assert.ok(indexes.length > 5);
    for (const { name } of indexes) {
      const columns = await db.all<{ cid: number }>(`PRAGMA index_xinfo('${name}')`);
      assert.ok(
        columns.every(({ cid }) => cid !== -2),
        `${name} indexes an expression`,
      );
    }
  });
});
