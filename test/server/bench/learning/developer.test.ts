import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CellResult } from '../../../../server/bench/learning/benchmark';
import { CONVENTIONS } from '../../../../server/bench/learning/conventions';
import { correct, runTest, simulateProject } from '../../../../server/bench/learning/developer';
import { frontier, onFrontier } from '../../../../server/bench/learning/frontier';
import { historySpots } from '../../../../server/bench/learning/history';
import { interval, table } from '../../../../server/bench/learning/report';

describe('the simulated developer', () => {
  const project = simulateProject(40, 4, 1);

  it('has tests that pass with the right text and fail with any other', () => {
    for (const place of [...project.training, ...project.later]) {
      assert.equal(runTest(place, place.right), null, place.prefix + place.right);
      for (const wrong of ['', 'undefined;', 'console.warn("x");', 'return null;', '((((']) {
        assert.notEqual(runTest(place, wrong), null, `${place.prefix}${wrong}`);
      }
    }
  });

  it('gives messages as runners print them', () => {
    const log = project.training.find(({ convention }) => convention.name === 'log')!;
    assert.match(runTest(log, "console.warn('x');")!, /console.warn is not allowed. Use lg.emit/);
    const clamp = project.training.find(({ convention }) => convention.name === 'arguments')!;
    assert.match(runTest(clamp, 'clamp(a, b, c);')!, /ReferenceError: clamp is not defined/);
    assert.match(runTest(log, 'throw new Map();')!, /^Uncaught: /);
    assert.match(runTest(log, 'throw null;')!, /^Uncaught: null/);
  });

  it('keeps forms apart: what is far was never corrected in that form', () => {
    const shape = (text: string) =>
      text.replace(/[A-Za-z_]\w*/g, (word) =>
        /^(function|const|class|if|switch|try|return|list|map|constructor|super|extends|Base|catch|typeof|export)$/.test(
          word,
        )
          ? word
          : '_',
      );
    const trained = new Set(project.training.map(({ prefix }) => shape(prefix)));
    const far = project.later.filter(({ distance }) => distance === 'far');
    assert.equal(far.length, 4 * CONVENTIONS.length);
    for (const { prefix } of far) assert.ok(!trained.has(shape(prefix)), prefix);
    assert.deepEqual(
      simulateProject(10, 2, 7),
      simulateProject(10, 2, 7),
      'the same seed gives the same project',
    );
  });

  it('tells no more than the mode allows', () => {
    const place = project.training[0]!;
    const offered = { text: 'wrong(', ids: [1] };
    assert.equal(correct(place, { text: place.right, ids: [] }, 'text', 1), null);
    assert.equal(correct(place, offered, 'output', 1)!.solution, null);
    assert.ok(correct(place, offered, 'output', 1)!.output);
    assert.equal(correct(place, offered, 'words', 1)!.output, null);
    assert.equal(correct(place, offered, 'text', 1)!.solution, place.right);
  });
});

describe('a git history as a developer', () => {
  it('reads what commits added, with the file as each left it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hindsight-history-'));
    const git = (...args: string[]) =>
      execFileSync('git', [
        '-C',
        folder,
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@b.c',
        '-c',
        'commit.gpgsign=false',
        ...args,
      ]);
    git('init', '-q');
    for (let i = 0; i < 3; i++) {
      const lines = Array.from({ length: i + 1 }, (_, j) => `  const value${j} = compute(${j});`);
      await writeFile(path.join(folder, 'a.js'), `function f() {\n${lines.join('\n')}\n}\n`);
      git('add', '.');
      git('commit', '-qm', `Step ${i}`);
    }
    const spots = (await historySpots(folder, 10, 5)).filter(({ right }) => right.includes('compute'));
    assert.deepEqual(
      spots.map(({ prefix, right }) => prefix.slice(prefix.lastIndexOf('\n') + 1) + right),
      ['  const value0 = compute(0);', '  const value1 = compute(1);', '  const value2 = compute(2);'],
    );
    assert.ok(
      spots[2]!.prefix.includes('value1') &&
        spots[2]!.suffix === '\n}\n' &&
        spots[0]!.languageId === 'javascript',
    );
    await rm(folder, { recursive: true, force: true });
    await assert.rejects(historySpots(tmpdir(), 5, 5), /git could not read/);
  });
});

describe('the report', () => {
  const result = (objective: string, seed: number, gain: number, bits: number) =>
    ({
      objective,
      feedback: 'text',
      events: 10,
      seed,
      before: { near: { logProb: -3, exact: 0, passed: 0 }, far: { logProb: -3, exact: 0, passed: 0 } },
      near: { logProb: -3 + gain, exact: 0.5, passed: 0.5 },
      far: { logProb: -3 + gain, exact: 0.25, passed: 0.25 },
      bitsPerByte: { before: 1, after: 1 + bits },
      seconds: 10,
      samples: 0,
    }) as CellResult;
  it('gives means with intervals, and the frontier', () => {
    const results = [
      result('a', 1, 2, 0.01),
      result('a', 2, 2.2, 0.01),
      result('b', 1, 1, 0.02),
      result('b', 2, 1, 0.02),
    ];
    assert.match(
      table(results),
      /\| text \| 10 \| a \| 2 \| 2\.10 ± 1\.27 \| 0\.50 ± 0\.00 \| 0\.25 ± 0\.00 \|/,
    );
    const svg = frontier(results, 'A < B');
    assert.match(svg, /A &lt; B/);
    assert.ok(svg.startsWith('<svg') && svg.includes('a (10)') && svg.includes('b (10)'));
    const point = (x: number, y: number) => ({
      forgetting: { mean: x, half: null },
      gain: { mean: y, half: null },
    });
    const [best, worse, dearer] = [point(0.01, 2), point(0.02, 1), point(0.03, 3)];
    assert.deepEqual(onFrontier([dearer, worse, best]), [best, dearer]);
    assert.deepEqual(interval([1]), { mean: 1, half: null });
  });
});
