import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { OneCommand } from '../../../extension/commands/one-command';

/** One that says when it begins and ends, and takes its time in between. */
const SLOW = `node -e "console.log('begin'); setTimeout(() => console.log('end'), 60000)"`;

describe('OneCommand', function () {
  this.timeout(20_000);
  let cwd: string;
  let one: OneCommand;
  let log: string[];

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'one-command-'));
    one = new OneCommand();
    log = [];
  });
  afterEach(async () => {
    await one.end();
    rmSync(cwd, { recursive: true, force: true });
  });

  /** Starts a command, and resolves `over` with its exit code; `seen` with the first that it prints. */
  function start(name: string, command: string) {
    let seen = () => {};
    let over = (_code: number | null) => {};
    const result = {
      seen: new Promise<void>((resolve) => {
        seen = resolve;
      }),
      over: new Promise<number | null>((resolve) => {
        over = resolve;
      }),
      asked: one.run(command, cwd, {
        started: () => log.push(`${name} started`),
        printed: () => seen(),
        ended: (code, _error, stopped) => {
          log.push(`${name} ${stopped ? 'was stopped' : 'ended'}`);
          over(code);
        },
      }),
    };
    return result;
  }

  it('says what a command printed, and how it ended', async () => {
    let printed = '';
    const code = await new Promise((resolve) => {
      void one.run(`node -e "console.log(String(1 + 1)); process.exitCode = 3"`, cwd, {
        started: () => {},
        printed: (text) => {
          printed += text;
        },
        ended: (exitCode) => resolve(exitCode),
      });
    });
    assert.deepEqual([printed.trim(), code, one.isRunning], ['2', 3, false]);
  });

  it('starts the last alone of several that are asked for at once', async () => {
    const first = start('a', SLOW);
    const second = start('b', SLOW);
    const third = start('c', 'node -e "process.exit(0)"');
    await Promise.all([first.asked, second.asked, third.asked]);
    assert.equal(await third.over, 0);
    assert.deepEqual(log, ['c started', 'c ended']);
  });

  it('ends what runs before it starts another, however often that is asked for', async () => {
    const first = start('a', SLOW);
    await first.seen;
    const second = start('b', SLOW);
    const third = start('c', 'node -e "process.exit(0)"');
    await Promise.all([second.asked, third.asked]);
    assert.equal(await third.over, 0);
    assert.deepEqual(log, ['a started', 'a was stopped', 'c started', 'c ended']);
  });

  it('ends what a shell has started too', async () => {
    const late = `node -e "console.log(1); setTimeout(() => require('fs').writeFileSync('late', ''), 700)"`;
    const run = start('a', `${late} && echo done`);
    await run.seen;
    await one.end();
    assert.equal(one.isRunning, false);
    await setTimeout(1200);
    assert.ok(!existsSync(join(cwd, 'late')), 'it was still running');
  });

  it('starts nothing that was asked for before it was ended', async () => {
    const first = start('a', SLOW);
    await first.seen;
    const second = start('b', SLOW);
    await one.end();
    await second.asked;
    assert.deepEqual(log, ['a started', 'a was stopped']);
  });
});
