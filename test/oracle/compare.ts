/**
 * Runs `hindsight check-model` on every folder that variants.py made and holds what it dumps against what PyTorch
 * computed, at the tolerances of test/fixtures/golden/README.md.
 *
 *     npx tsx test/oracle/compare.ts FOLDER
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  readFloats,
  readHeader,
  readIntegers,
  type StoredTensor,
} from '../../server/model/files/safetensors';
import { ROOT } from '../root';

const root = ROOT;
const folder = process.argv[2];
if (!folder) throw new Error('Which folder? Make one with test/oracle/variants.py.');

/** Largest difference allowed for a tensor of this name, given its largest entry. */
function tolerance(name: string, largest: number): number {
  if (name.startsWith('grad.')) return 1e-3 * largest;
  if (name.startsWith('adamw')) return 1e-3 * largest;
  return 2e-4;
}

const numbers = (tensor: StoredTensor) => (tensor.type === 'I64' ? readIntegers(tensor) : readFloats(tensor));

function compare(model: string): string[] {
  const dump = join(mkdtempSync(join(tmpdir(), 'hindsight-oracle-')), 'dump.safetensors');
  const args = [
    'tsx',
    'server/cli.ts',
    'check-model',
    model,
    '--cases',
    join(model, 'expected.safetensors'),
    '--dump',
    dump,
  ];
  const { status, stderr, stdout } = spawnSync('npx', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) return [`exit ${status}: ${stderr}${stdout}`];
  const expected = readHeader(join(model, 'expected.safetensors')).tensors;
  const got = readHeader(dump).tensors;
  const wrong: string[] = [];
  for (const [name, tensor] of expected) {
    if (/^(long_ids|prompt_ids|teacher_prompt_ids|response_ids)$/.test(name)) continue;
    const dumped = got.get(name);
    if (!dumped) {
      wrong.push(`${name}: missing`);
      continue;
    }
    const want = numbers(tensor);
    const have = numbers(dumped);
    let largest = 0;
    for (const value of want) largest = Math.max(largest, Math.abs(value));
    const differences = Array.from(want, (value, i) => Math.abs(value - (have[i] ?? Number.NaN))).sort(
      (a, b) => b - a,
    );
    // Adam divides by the gradient's own size: where that is next to nothing, its sign is noise.
    const noise = name.startsWith('adamw') ? Math.ceil(differences.length / 200) : 0;
    const difference = differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : differences[noise]!;
    const most = name === 'greedy_ids' ? 0 : tolerance(name, largest);
    if (!(difference <= most)) wrong.push(`${name}: off by ${difference} of ${largest}`);
  }
  return wrong;
}

let failed = 0;
for (const name of readdirSync(folder)) {
  const model = join(folder, name);
  if (!existsSync(join(model, 'expected.safetensors'))) continue;
  const wrong = compare(model);
  console.log(
    `${wrong.length === 0 ? '✔' : '✗'} ${name}${wrong
      .slice(0, 6)
      .map((line) => `\n    ${line}`)
      .join('')}`,
  );
  if (wrong.length > 0) failed++;
}
if (failed > 0) process.exitCode = 1;
