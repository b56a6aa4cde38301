/** The whole way on the embedded model, with a real test runner: Node's own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FixResult } from '../../../server/fixing/types';
import { removeFolders, temporaryFolder } from '../model/folders';

const cli = join(process.cwd(), 'server/cli.ts');

const CART = `'use strict';

/** The sum of the prices of all items. */
function total(items) {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return 0;
}

module.exports = { total };
`;

const TEST = `const test = require('node:test');
const assert = require('node:assert');
const { total } = require('../src/cart');
test('an empty cart costs nothing', () => assert.strictEqual(total([]), 0));
test('prices are added', () => assert.strictEqual(total([{ price: 2 }, { price: 3 }]), EXPECTED));
`;

function project(expected: string, code = CART): string {
  const root = temporaryFolder();
  for (const name of ['src', 'test', '.git']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'src/cart.js'), code);
  writeFileSync(join(root, 'test/cart.test.js'), TEST.replace('EXPECTED', expected));
  return root;
}

function fix(root: string, ...more: string[]) {
  const args = [
    '--command',
    'node --test test/',
    '--file',
    'src/cart.js',
    '--range',
    '9:9',
    '--json',
    ...more,
  ];
  const done = spawnSync(
    process.execPath,
    ['--require', join(process.cwd(), 'node_modules/tsx/dist/cjs/index.cjs'), cli, 'fix-test', ...args],
    { encoding: 'utf8', cwd: root },
  );
  const result = done.stdout.trim() ? (JSON.parse(done.stdout) as FixResult) : null;
  return { ...done, result };
}

const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('hindsight-fix-'));

describe('make this test pass', function () {
  this.timeout(180_000);
  after(removeFolders);

  it('finds what makes it pass, and changes nothing by itself', () => {
    const root = project('5');
    const { result, status, stderr } = fix(root, '--attempts', '64');
    assert.equal(status, 0, stderr || JSON.stringify(result));
    assert.equal(result?.found, true);
    assert.match(result!.diff, /^-\s+return 0;\n\+\s+return sum;/m);
    assert.deepEqual([result!.score?.testsPassed, result!.score?.tests], [2, 2]);
    assert.equal(readFileSync(join(root, 'src/cart.js'), 'utf8'), CART);
    assert.deepEqual(copies(), []);
  });

  it('says what still fails where nothing passes, having learned from what failed', () => {
    const { result, status } = fix(project("'a word'"), '--attempts', '8', '--seed', '2');
    assert.equal(status, 1);
    assert.equal(result?.found, false);
    assert.equal(result!.attempts, 8);
    assert.match(result!.message, /^Not found: 8 attempts/);
    assert.deepEqual(copies(), []);
  });

  it('has nothing to do where the command passes', () => {
    const { stderr, status } = fix(project('0'));
    assert.equal(status, 1);
    assert.match(stderr, /passes as it is/);
  });

  it('refuses bad use in a sentence', () => {
    const root = project('5');
    const bad = (...args: string[]) => {
      const { stderr, status } = fix(root, ...args);
      return `${status} ${stderr.trim().split('\n').at(-1)}`;
    };
    assert.match(bad('--range', '9'), /^2 .*two line numbers/);
    assert.match(bad('--range', '3:90'), /^1 .*has 13 lines/);
    assert.match(bad('--file', 'src/nowhere.js'), /^2 .*is no file/);
    assert.match(bad('--file', 'test/cart.test.js'), /^1 .*test's file/);
    assert.match(bad('--command', 'no-such-runner'), /^1 .*could not be run/);
  });
});
