import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confinement } from '../../../server/fixing/confinement';
import { type CommandRun, runCommand } from '../../../server/fixing/run-command';
import { removeFolders, temporaryFolder } from '../model/folders';

const free: CommandRun['confinement'] = { tool: null, wrap: (argv) => [...argv] };

function run(command: string, options: Partial<CommandRun> = {}) {
  const folder = temporaryFolder();
  return runCommand({
    command,
    cwd: folder,
    folder,
    readable: [],
    confinement: free,
    seconds: 20,
    ...options,
  });
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    // What has ended and was not waited for by its parent is no process any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 20));
  return !isAlive(pid);
}

describe('the command of a test', function () {
  this.timeout(30_000);
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  after(removeFolders);

  it('gives what was printed on both streams, and the exit code', async () => {
    const { output, exitCode, ended } = await run('echo out; echo err >&2; exit 3');
    assert.deepEqual(output.trim().split('\n').sort(), ['err', 'out']);
    assert.deepEqual([exitCode, ended], [3, null]);
  });

  it('cannot read what it would wait for', async () => {
    assert.equal((await run('read line; echo "got $line"')).output.trim(), 'got');
  });

  it('ends one that hangs, with what it has started', async () => {
    const { ended, exitCode, output } = await run('sleep 60 & echo $!; wait', { seconds: 1 });
    assert.deepEqual([ended, exitCode], ['time', null]);
    assert.ok(await gone(Number(output.trim())));
  });

  it('ends what a command leaves behind in a session of its own', async function () {
    if (process.platform !== 'linux') this.skip();
    const { output, exitCode } = await run('setsid sleep 60 & echo $!; sleep 0.2');
    assert.equal(exitCode, 0);
    assert.ok(await gone(Number(output.trim())));
  });

  it('ends one that prints without end', async () => {
    const { ended, output } = await run('yes hindsight');
    assert.equal(ended, 'output');
    assert.ok(output.length < 1e6);
  });

  it('outlives one that kills its parent, and its group', async () => {
    assert.notEqual((await run('kill -9 $PPID; sleep 0.1; echo still here')).exitCode, 0);
    assert.notEqual((await run('kill -9 0')).exitCode, 0);
  });

  it('ends with the process that started it', async () => {
    const folder = temporaryFolder();
    const command = 'sleep 60 & echo $! > pid; wait';
    const job = JSON.stringify({ command, cwd: folder, folder, readable: [], seconds: 60 });
    const script = `require('./server/fixing/run-command').runCommand({ ...${job}, confinement: { tool: null, wrap: (argv) => argv } })`;
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', '-e', script], { stdio: 'ignore' });
    const file = join(folder, 'pid');
    for (let i = 0; i < 500 && !(existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')); i++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const pid = Number(readFileSync(file, 'utf8'));
    assert.ok(isAlive(pid));
    child.kill('SIGKILL');
    assert.ok(await gone(pid));
  });

  it('ends where it is cancelled', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    assert.equal((await run('sleep 60', { signal: abort.signal })).ended, 'cancelled');
  });

  it('says that a command is not there', async () => {
    assert.equal((await run('no-such-command-at-all')).exitCode, 127);
  });

  it('writes nowhere else, where the system can hold it to that', async function () {
    if (confinement().tool === null) {
      console.log('      (no bubblewrap or sandbox-exec here: left out)');
      this.skip();
    }
    const [folder, outside] = [temporaryFolder(), temporaryFolder()];
    const there = join(outside, 'there.txt');
    writeFileSync(there, 'before');
    const { exitCode, output } = await run(`echo in > in.txt; echo out > ${there}`, {
      cwd: folder,
      folder,
      readable: [outside],
      confinement: confinement(),
    });
    assert.notEqual(exitCode, 0, output);
    assert.equal(readFileSync(there, 'utf8'), 'before');
    assert.ok(existsSync(join(folder, 'in.txt')));
  });
});
