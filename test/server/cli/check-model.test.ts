import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  readFloats,
  readHeader,
  readIntegers,
  writeSafetensors,
} from '../../../server/model/files/safetensors';
import { copyOf, removeFolders, temporaryFolder } from '../model/folders';
import { compare, expected, expectedTensors, golden } from '../model/golden';

const cli = join(process.cwd(), 'server/cli.ts');

function hindsight(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['--require', 'tsx/cjs', cli, ...args], { encoding: 'utf8' });
}

describe('the command line', function () {
  this.timeout(60_000);
  after(removeFolders);

  it('check-model agrees with the reference and dumps every tensor by its name', async () => {
    const want = expectedTensors('qwen2');
    const folder = temporaryFolder();
    const inputs = ['long_ids', 'prompt_ids', 'teacher_prompt_ids', 'response_ids'];
    const cases = join(folder, 'cases.safetensors');
    await writeSafetensors(
      cases,
      new Map(
        inputs.map((name) => {
          const data = BigInt64Array.from(want.ids(name), BigInt);
          return [name, { shape: [data.length], data }];
        }),
      ),
    );
    const dump = join(folder, 'dump.safetensors');
    const { status, stdout } = hindsight(
      'check-model',
      golden('qwen2'),
      '--cases',
      cases,
      '--dump',
      dump,
      '--json',
    );
    assert.equal(status, 0);
    const result = JSON.parse(stdout);
    assert.equal(result.device, 'cpu');
    for (const [name, value] of Object.entries(expected('qwen2').losses)) {
      assert.ok(Math.abs(result.losses[name] - value) < 1e-5, name);
    }
    const { tensors } = readHeader(dump);
    const names = want.names.filter((n) => !inputs.includes(n));
    assert.deepEqual([...tensors.keys()].sort(), names.sort());
    for (const name of names) {
      if (name === 'greedy_ids') assert.deepEqual(readIntegers(tensors.get(name)!), want.ids(name));
      else {
        const { error, largest } = compare(readFloats(tensors.get(name)!), want.floats(name));
        assert.ok(error <= (name.includes('logits') ? 2e-4 : 1e-3 * largest), name);
      }
    }
  });

  it('check-model without cases tells the device and the speed', () => {
    const { status, stdout } = hindsight('check-model', golden('llama-tied'), '--json');
    assert.equal(status, 0);
    const result = JSON.parse(stdout);
    assert.deepEqual([result.device, result.layout, result.fillInTheMiddle], ['cpu', 'llama', 'psm']);
    assert.match(result.hash, /^[0-9a-f]{16}$/);
    for (const key of ['prefillTokensPerSecond', 'decodeTokensPerSecond', 'trainingStepMs'])
      assert.ok(result[key] > 0, key);
  });

  it('check-model says what is wrong in one line, exits with 1 and writes nothing', () => {
    const dump = join(temporaryFolder(), 'dump.safetensors');
    const tries: [string[], RegExp][] = [
      [['/nowhere'], /\/nowhere\/config\.json cannot be read/],
      [
        [golden('qwen2'), '--cases', '/nowhere.safetensors', '--dump', dump],
        /nowhere\.safetensors cannot be read/,
      ],
      [
        [golden('qwen2'), '--cases', join(golden('qwen2'), 'model.safetensors'), '--dump', dump],
        /lacks the tensor long_ids/,
      ],
      [[copyOf('qwen2', { model_type: 'rwkv' })], /layout "rwkv"/],
    ];
    for (const [args, message] of tries) {
      const { status, stdout, stderr } = hindsight('check-model', ...args);
      assert.equal(status, 1, stderr);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1);
      assert.equal(stdout, '');
    }
    assert.equal(existsSync(dump), false);
  });

  it('exits with 2 where it is called wrongly, and with 0 where help is asked for', () => {
    assert.equal(hindsight('check-model').status, 2);
    assert.equal(hindsight('check-model', golden('qwen2'), '--dump', 'x').status, 2);
    assert.equal(hindsight('check-model', golden('qwen2'), '--device', 'abacus').status, 2);
    assert.equal(hindsight('bench').status, 2);
    assert.equal(hindsight('no-such-command').status, 2);
    assert.equal(hindsight('--help').status, 0);
  });

  it('complete answers for a place in a file, the first line and column being 1', () => {
    const file = join(temporaryFolder(), 'a.py');
    writeFileSync(file, 'def add(a, b):\n    return \n');
    const at = (line: string, column: string) =>
      hindsight(
        'complete',
        '--model',
        golden('qwen2'),
        '--file',
        file,
        '--line',
        line,
        '--column',
        column,
        '--json',
      );
    const { status, stdout } = at('2', '12');
    assert.equal(status, 0);
    const result = JSON.parse(stdout);
    assert.ok('completion' in result && result.promptTokens > 5 && result.device === 'cpu');
    assert.equal(at('9', '1').status, 2);
    assert.equal(at('1', '99').status, 2);
    assert.equal(readFileSync(file, 'utf8'), 'def add(a, b):\n    return \n');
  });
});
