import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSmolLM2 } from '../../scripts/smollm2';
import { ROOT } from '../root';

interface Answer {
  id: string;
  text: string | null;
  reason: string | null;
  logProbs: number[];
}

/** Places where a model of this size has something to say, each where tokenizers of left-to-right models stumble when they are cut. */
const PLACES = [
  {
    id: 'line start',
    path: 'a.js',
    prefix: 'function add(a, b) {\n',
    suffix: '\n}\n',
    right: /^ {2,}\S/,
  },
  {
    id: 'behind the indentation',
    path: 'a.py',
    prefix: 'def square(x):\n    ',
    suffix: '\n',
    right: /return x\s*(\*\*?)\s*(x|2)/,
  },
  {
    id: 'in a word',
    path: 'b.js',
    prefix: 'const names = ["a", "b"];\nfor (const name of nam',
    suffix: '\n',
    right: /^es\b/,
  },
  // The same place twice: what stands below decides.
  ...[
    {
      id: 'a loop over indices',
      body: 'total += values[i];',
      right: /^let i = 0; i < values\.length; i\+\+\) \{/,
    },
    { id: 'a loop over values', body: 'total += value;', right: /^(const |let )?value of values\) \{/ },
  ].map(({ body, ...place }) => ({
    ...place,
    path: 'sum.js',
    prefix: 'function sum(values) {\n  let total = 0;\n  for (',
    suffix: `\n    ${body}\n  }\n  return total;\n}\n`,
  })),
  {
    id: 'a name that is used below',
    path: 'mean.py',
    prefix: 'def mean(numbers):\n    total = 0\n    for ',
    suffix: '\n        total += number\n    return total / len(numbers)\n',
    right: /^number in numbers:/,
  },
];

/** Random weights prove arithmetic; this is what a real model writes through the very code of the editor. */
describe('SmolLM2-135M, from its GGUF file', function () {
  this.timeout(180_000);
  let folder: string;

  before(async function () {
    const model = await ensureSmolLM2();
    if (!model && process.env.CI) throw new Error('In CI the model must be there.');
    if (!model) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'hindsight-smollm2-'));
    const cases = PLACES.map(({ right: _, ...place }) => JSON.stringify(place)).join('\n');
    writeFileSync(join(folder, 'in.jsonl'), `${cases}\n`);
    const cli = ['--require', 'tsx/cjs', join(ROOT, 'server/cli.ts'), 'complete', '--model', model];
    const files = ['--cases', join(folder, 'in.jsonl'), '--out', join(folder, 'out.jsonl')];
    execFileSync(process.execPath, [...cli, ...files], { cwd: ROOT, stdio: 'pipe' });
  });
  after(() => folder && rmSync(folder, { recursive: true }));

  for (const { id, right } of PLACES)
    it(`completes ${id}`, () => {
      const answers = readFileSync(join(folder, 'out.jsonl'), 'utf8').trim().split('\n');
      const answer = answers.map((line): Answer => JSON.parse(line)).find((each) => each.id === id);
      assert.ok(answer?.text, `nothing is offered: ${answer?.reason}`);
      assert.match(answer.text, right);
      assert.ok(answer.logProbs.every((logProb) => logProb <= 0));
    });
});
