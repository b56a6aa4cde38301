import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlaces } from '../../../../server/bench/completions/places';
import { figures, table } from '../../../../server/bench/completions/report';
import { type BenchResult, passes } from '../../../../server/bench/completions/run';
import { ROOT } from '../../../root';

describe('bench completions', function () {
  this.timeout(20_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hindsight-bench-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('asks for HumanEval lines behind their indentation, and runs the completed program', async () => {
    const row = {
      task_id: 'SingleLineInfilling/Example/0/L1',
      entry_point: 'double',
      prompt: 'def double(x):\n',
      suffix: '    return y\n',
      canonical_solution: '    y = 2 * x\n',
      test: 'def check(candidate):\n    assert candidate(4) == 8\n',
    };
    const file = join(folder, 'data.jsonl');
    writeFileSync(file, `${JSON.stringify(row)}\n`);
    const [place] = readPlaces('humaneval-infilling', file);
    assert.deepEqual(
      [place!.prefix, place!.suffix, place!.wanted],
      ['def double(x):\n    ', '\n    return y\n', 'y = 2 * x'],
    );
    const { before, after } = place!.program!;
    assert.equal(await passes(before + place!.wanted + after), true);
    assert.equal(await passes(`${before}y = x${after}`), false);
    assert.equal(await passes(`${before}while True: pass${after}`), false);
  });

  it('takes of cursortab what an inline completion can answer: text put in at one place, and silence', () => {
    const scenarios = join(folder, 'server/eval/scenarios');
    mkdirSync(scenarios, { recursive: true });
    const head = 'A scenario.\nid: x\nlanguage: go\nfile: main.go\nrow: 2\ncol: 2\n';
    const buffer = '-- buffer.txt --\nfunc f() {\n\tg()\n}\n';
    const history = '-- history --\n<|file|> main.go\n<|old|>\nold()\n<|new|>\ng()\n';
    const steps = '-- steps --\nrequest-completion manual\n';
    const write = (name: string, text: string) => writeFileSync(join(scenarios, `${name}.txtar`), text);
    write('1-insert', `${head}${buffer}${history}${steps}-- expected --\nfunc f() {\n\tg()\n\th()\n}\n`);
    write('2-replace', `${head}${buffer}${steps}-- expected --\nfunc f() {\n\tother()\n}\n`);
    write('3-quiet', `${head}${buffer}${steps}  expect !shown\n`);
    write('4-gate', `${head}modified: false\n${buffer}${steps}`);
    const [insert, quiet, ...others] = readPlaces('cursortab', folder);
    assert.deepEqual(others, []);
    assert.equal(insert!.prefix + insert!.wanted + insert!.suffix, 'func f() {\n\tg()\n\th()\n}\n');
    assert.deepEqual(insert!.edits, [{ path: 'main.go', before: 'old()\n', after: 'g()\n' }]);
    assert.deepEqual([quiet!.wanted, quiet!.prefix], [null, 'func f() {\n\tg']);
  });

  it('has 200 places of our own, 60 of them with a reason to be quiet', () => {
    const places = readPlaces('own', ROOT);
    assert.equal(places.length, 200);
    assert.equal(places.filter(({ wanted }) => wanted === null).length, 60);
    assert.ok(
      places.every(({ files, path }) => files.length > 0 && files.every((file) => file.path !== path)),
    );
    assert.ok(places.every(({ wanted }) => wanted === null || wanted.trim().length > 1));
  });

  it('counts what is shown and right apart from what is rightly quiet', () => {
    const one = (more: Partial<BenchResult>): BenchResult => ({
      id: 'x',
      group: 'a',
      quiet: false,
      text: 'x',
      reason: null,
      raw: 'x',
      right: false,
      similarity: 0.5,
      passed: null,
      ms: 10,
      promptTokens: 5,
      contextTokens: 0,
      ...more,
    });
    const results = [
      one({ right: true, similarity: 1 }),
      one({}),
      one({ text: null, similarity: 0 }),
      one({ group: 'quiet', quiet: true, text: null, right: true }),
      one({ group: 'quiet', quiet: true }),
    ];
    const [a, quiet, all] = figures(results);
    assert.deepEqual(
      [a!.shown, a!.right, a!.precision, a!.similarity, a!.quiet],
      [2 / 3, 1 / 3, 0.5, 0.5, null],
    );
    assert.deepEqual([quiet!.shown, quiet!.quiet, all!.quiet, all!.right], [null, 0.5, 0.5, 1 / 3]);
    assert.equal(table(figures(results)).split('\n').length, 5);
  });
});
