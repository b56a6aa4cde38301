import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFloats, readHeader } from '../../../server/model/files/safetensors';
import { openModel, saveAdapter } from '../../../server/model/open';
import { ROOT } from '../../root';
import { removeFolders, temporaryFolder } from '../model/folders';
import { compare } from '../model/golden';

const fixture = (name: string) => join(ROOT, 'test/fixtures/gguf', name);

describe('a GGUF file on the command line', function () {
  this.timeout(60_000);
  let folder: string;
  const hindsight = (...args: string[]) =>
    spawnSync(process.execPath, ['--require', 'tsx/cjs', join(ROOT, 'server/cli.ts'), ...args], {
      encoding: 'utf8',
      cwd: ROOT,
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    });
  before(() => {
    folder = temporaryFolder();
  });
  after(removeFolders);

  for (const name of ['llama', 'qwen2', 'qwen3', 'starcoder2']) {
    it(`check-model computes the cases of ${name} that hold long_ids alone`, () => {
      const dump = join(folder, `${name}.safetensors`);
      const cases = fixture(`${name}.safetensors`);
      const { status, stderr } = hindsight(
        'check-model',
        fixture(`${name}.gguf`),
        '--cases',
        cases,
        '--dump',
        dump,
      );
      assert.equal(status, 0, stderr);
      const { tensors } = readHeader(dump);
      assert.deepEqual([...tensors.keys()], ['long_logits']);
      const wanted = readFloats(readHeader(cases).tensors.get('long_logits')!);
      const { error, largest } = compare(readFloats(tensors.get('long_logits')!), wanted);
      assert.ok(error <= 1e-5 * largest, `off by ${error} of ${largest}`);
    });
  }

  it('check-model tells what it is and how fast', () => {
    const { status, stdout } = hindsight('check-model', fixture('llama.gguf'), '--device', 'cpu', '--json');
    assert.equal(status, 0);
    const { model, layout, parameters, contextLength, fillInTheMiddle } = JSON.parse(stdout);
    assert.deepEqual(
      { model, layout, contextLength, fillInTheMiddle },
      { model: 'llama', layout: 'llama', contextLength: 128, fillInTheMiddle: 'none' },
    );
    assert.ok(parameters > 390_000 && parameters < 410_000, String(parameters));
  });

  it('complete writes, with an adapter too', async () => {
    const file = join(folder, 'a.ts');
    writeFileSync(file, 'const x = 1;\nconst y = ');
    const complete = (...more: string[]) =>
      hindsight(
        'complete',
        '--model',
        fixture('qwen2.gguf'),
        '--device',
        'cpu',
        '--file',
        file,
        '--line',
        '2',
        '--column',
        '11',
        '--json',
        ...more,
      );
    const plain = complete();
    assert.equal(plain.status, 0, plain.stderr);
    assert.ok(JSON.parse(plain.stdout).promptTokens > 5);
    assert.match(plain.stderr, /weights of the type IQ4_XS: they are computed with in 8 bits/);
    const model = await openModel(fixture('qwen2.gguf'), { device: 'cpu' });
    const trainer = await model.trainer({ rank: 2, alpha: 200, seed: 1 });
    await trainer.accumulate([{ prompt: [1, 2], response: [5, 6, 7], crossEntropy: 1 }], 1);
    trainer.step({
      learningRate: 1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      maxGradNorm: 0,
    });
    const adapter = join(folder, 'adapter');
    await saveAdapter(trainer.adapter(), adapter, model.name);
    await model.close();
    const adapted = complete('--adapter', adapter);
    assert.equal(adapted.status, 0, adapted.stderr);
    assert.notDeepEqual(JSON.parse(adapted.stdout).ids, JSON.parse(plain.stdout).ids);
  });

  it('is refused in one sentence where it is damaged', () => {
    const torn = join(folder, 'torn.gguf');
    writeFileSync(torn, readFileSync(fixture('llama.gguf')).subarray(0, 100_000));
    for (const args of [
      ['complete', '--model', torn, '--file', torn, '--line', '1', '--column', '1'],
      ['check-model', torn],
    ]) {
      const { status, stderr } = hindsight(...args);
      assert.equal(status, 1);
      assert.match(stderr, /^hindsight: \S+torn\.gguf is not a usable GGUF file: [^\n]+\n$/);
    }
  });
});
