import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { runProgram } from '../../../server/cli/outcome';
import { readRunCommand } from '../../../server/cli/read-run';
import { ROOT } from '../../root';

const CASES = join(ROOT, 'test/fixtures/cases/runs');

/** The command in this process: what it prints, its exit code, and what it says went wrong. */
async function readRun(...args: string[]) {
  const program = new Command('hindsight').addCommand(readRunCommand());
  for (const command of [program, ...program.commands]) command.configureOutput({ writeErr: () => {} });
  const stdout: string[] = [];
  const stderr: string[] = [];
  const streams = [process.stdout, process.stderr] as const;
  const writes = streams.map((stream) => stream.write);
  const before = process.exitCode;
  process.exitCode = 0;
  const into = (lines: string[]) => (text: string) => lines.push(text) > 0;
  process.stdout.write = into(stdout) as typeof process.stdout.write;
  process.stderr.write = into(stderr) as typeof process.stderr.write;
  try {
    await runProgram(program, ['node', 'hindsight', 'read-run', ...args]);
    return { stdout: stdout.join(''), stderr: stderr.join(''), status: process.exitCode };
  } finally {
    streams.forEach((stream, i) => {
      stream.write = writes[i] as typeof stream.write;
    });
    process.exitCode = before;
  }
}

interface Read {
  runner: string | null;
  outcome: string;
  failures: {
    name: string;
    file: string | null;
    message: string;
    frames: { file: string; line: number }[];
  }[];
}
const json = async (...args: string[]) => JSON.parse((await readRun(...args, '--json')).stdout) as Read;

describe('hindsight read-run', () => {
  let folder: string;
  const write = (path: string, text: string) => {
    const full = join(folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'read-run-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('prints one JSON object', async () => {
    assert.deepEqual(await json(join(CASES, 'go-timeout.txt')), {
      runner: 'go test',
      outcome: 'red',
      failures: [
        {
          name: 'TestCheapest',
          file: '/home/dev/shop/cart_test.go',
          message: 'panic: test timed out after 1s',
          frames: [
            { file: '/home/dev/shop/cart.go', line: 13 },
            { file: '/home/dev/shop/cart_test.go', line: 21 },
          ],
        },
      ],
    });
  });

  it('prints lines for people', async () => {
    const { status, stdout } = await readRun(join(CASES, 'jest-space-in-path.txt'));
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^jest: red\n✗ takes half\n {4}TypeError: .*\n {4}at \/home\/dev\/My Projects\/shop\/src\/cart\.js:4\n/,
    );
  });

  it('reads report files by their names', async () => {
    assert.equal((await json(join(CASES, 'green-with-printed-xml.xml'))).outcome, 'green');
    const tap = write(
      'report.tap',
      'TAP version 13\n1..2\nok 1 - adds\nnot ok 2 - halves\n  ---\n  message: "7 != 5"\n  ...\n',
    );
    assert.deepEqual(
      (await json(tap)).failures.map(({ name, message }) => [name, message]),
      [['halves', '7 != 5']],
    );
  });

  it('reads what PowerShell redirected', async () => {
    const file = join(folder, 'wide.txt');
    const text = readFileSync(join(CASES, 'jest-windows.txt'), 'utf8').replaceAll('\n', '\r\n');
    writeFileSync(file, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]));
    assert.deepEqual(await json(file), await json(join(CASES, 'jest-windows.txt')));
  });

  it('knows what is no run, and that an exit code alone says nothing', async () => {
    for (const args of [['--command', 'grep -rn Error src'], []]) {
      const read = await json(join(CASES, 'grep-is-no-test.txt'), ...args, '--exit-code', '2');
      assert.deepEqual(read, { runner: null, outcome: 'unknown', failures: [] });
    }
    assert.equal((await json(join(CASES, 'jest-windows.txt'), '--command', 'cat log.txt')).runner, null);
    assert.equal((await json(join(CASES, 'jest-obsolete.txt'), '--exit-code', '1')).outcome, 'unknown');
    assert.equal((await json(join(CASES, 'jest-obsolete.txt'), '--exit-code', '0')).outcome, 'green');
  });

  it('tells files relative to --cwd: below the printed root, and of a container by a tail that fits once', async () => {
    write('shop/packages/shop/src/index.ts', '');
    write('shop/packages/ui/src/index.ts', '');
    write('shop/src/cart.ts', '');
    const cwd = join(folder, 'shop');
    const files = async (output: string) => {
      const read = await json(write('run.txt', output), '--cwd', cwd);
      return read.failures[0]!.frames.map((frame) => frame.file);
    };
    const vitest = (root: string, place: string) =>
      `\n RUN  v3.2.4 ${root}\n\n FAIL  src/x.test.ts > reads\nTypeError: no\n ❯ ${place}:3:20\n\n Test Files  1 failed (1)\n      Tests  1 failed (1)\n`;
    assert.deepEqual(await files(vitest(join(cwd, 'packages/shop'), 'src/index.ts')), [
      'packages/shop/src/index.ts',
    ]);
    assert.deepEqual(await files(vitest('/app/packages/ui', 'src/index.ts')), ['packages/ui/src/index.ts']);
    const jest = (place: string) =>
      `FAIL src/x.test.ts\n  ● reads\n\n    TypeError: no\n\n      at f (${place}:3:20)\n\nTests:       1 failed, 1 total\n`;
    assert.deepEqual(await files(jest('/app/src/cart.ts')), ['src/cart.ts']);
    assert.deepEqual(await files(jest(join(cwd, 'src/cart.ts'))), ['src/cart.ts']);
    // Two files end so: which one it was is not known.
    assert.deepEqual(await files(jest('lib/src/index.ts')), ['lib/src/index.ts']);
  });

  it('says what is wrong with a file that cannot be read, and with bad options', async () => {
    const missing = await readRun(join(folder, 'missing.txt'));
    assert.deepEqual([missing.status, missing.stderr.trim().split('\n').length], [1, 1]);
    assert.match(missing.stderr, /missing\.txt could not be read/);
    assert.equal((await readRun(join(CASES, 'bun.txt'), '--exit-code', 'x')).status, 2);
    assert.equal((await readRun()).status, 2);
  });
});
