/** From a wrong completion to its fix with the real runners of this machine; one that is not installed is skipped. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../root';
import { Session } from '../capture/session';

interface Project {
  name: string;
  command: string[];
  /** Whether the runner is here. */
  probe: string[];
  source: string;
  files: Record<string, string>;
  /** What stands before the first and the second hole. */
  holes: [string, string];
  wrong: [string, string];
  right: string;
}

const JS_TEST = (head: string) => `${head}
const assert = require('node:assert/strict');
const { total, cheapest } = require('../src/cart.js');
describe('cart', () => {
  it('adds up', () => {
    assert.equal(total([{ price: 5 }, { price: 3 }]), 8);
  });
  it('finds the least', () => {
    assert.equal(cheapest([{ price: 5 }, { price: 3 }]), 3);
  });
});
`;
const JS = {
  source: 'src/cart.js',
  holes: ['function total(items) {\n  return ', 'function cheapest(items) {\n  return '] as [string, string],
  wrong: ['items.reduce((sum, item) => sum + item.amount, 0);', 'items.minimum((item) => item.price);'] as [
    string,
    string,
  ],
  right: 'items.reduce((sum, item) => sum + item.price, 0);',
};
const JS_SOURCE =
  'function total(items) {\n  return \n}\n\nfunction cheapest(items) {\n  return \n}\n\nmodule.exports = { total, cheapest };\n';
const PY = {
  source: 'cart.py',
  holes: ['def total(items):\n    return ', 'def cheapest(items):\n    return '] as [string, string],
  wrong: ['sum(item["price"] for item in items[1:])', 'items.minimum("price")'] as [string, string],
  right: 'sum(item["price"] for item in items)',
};
const PY_FILES = {
  'cart.py': 'def total(items):\n    return \n\n\ndef cheapest(items):\n    return \n',
  'test_cart.py': `import unittest

from cart import cheapest, total

ITEMS = [{"price": 5}, {"price": 3}]


class Cart(unittest.TestCase):
    def test_adds_up(self):
        self.assertEqual(total(ITEMS), 8)

    def test_finds_the_least(self):
        self.assertEqual(cheapest(ITEMS), {"price": 3})
`,
};
const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');

const projects: Project[] = [
  {
    ...JS,
    name: 'node --test',
    command: [process.execPath, '--test', 'test/'],
    probe: [process.execPath, '--version'],
    files: {
      'src/cart.js': JS_SOURCE,
      'test/cart.test.js': JS_TEST("const { describe, it } = require('node:test');"),
    },
  },
  {
    ...JS,
    name: 'mocha',
    command: [process.execPath, mocha, '--no-config', '--no-package', 'test/cart.test.js'],
    probe: [process.execPath, '--version'],
    files: { 'src/cart.js': JS_SOURCE, 'test/cart.test.js': JS_TEST('') },
  },
  {
    ...PY,
    name: 'unittest',
    command: ['python3', '-m', 'unittest'],
    probe: ['python3', '--version'],
    files: PY_FILES,
  },
  {
    ...PY,
    name: 'pytest',
    command: ['python3', '-m', 'pytest', '-p', 'no:cacheprovider'],
    probe: ['python3', '-m', 'pytest', '--version'],
    files: PY_FILES,
  },
  {
    name: 'go',
    command: ['go', 'test', './...'],
    probe: ['go', 'version'],
    source: 'cart.go',
    holes: ['func Total(items []int) int {\n\treturn ', 'func Cheapest(items []int) int {\n\treturn '],
    wrong: ['len(items) * items[0] / 3', 'items[len(items)]'],
    right: 'items[0] + items[1]',
    files: {
      'go.mod': 'module example.com/cart\n\ngo 1.18\n',
      'cart.go':
        'package cart\n\nfunc Total(items []int) int {\n\treturn \n}\n\nfunc Cheapest(items []int) int {\n\treturn \n}\n',
      'cart_test.go':
        'package cart\n\nimport "testing"\n\nfunc TestAdds(t *testing.T) {\n\tif got := Total([]int{5, 3}); got != 8 {\n\t\tt.Errorf("got %d, want 8", got)\n\t}\n}\n\nfunc TestLeast(t *testing.T) {\n\tif got := Cheapest([]int{5, 3}); got != 3 {\n\t\tt.Errorf("got %d, want 3", got)\n\t}\n}\n',
    },
  },
  {
    name: 'cargo',
    command: ['cargo', 'test', '--offline'],
    probe: ['cargo', '--version'],
    source: 'src/lib.rs',
    holes: [
      'pub fn total(items: &[usize]) -> usize {\n    ',
      'pub fn cheapest(items: &[usize]) -> usize {\n    ',
    ],
    wrong: ['items.iter().product()', 'items[items.iter().sum::<usize>()]'],
    right: 'items.iter().sum()',
    files: {
      'Cargo.toml': '[package]\nname = "cart"\nversion = "0.1.0"\nedition = "2021"\n',
      'src/lib.rs':
        'pub fn total(items: &[usize]) -> usize {\n    \n}\n\npub fn cheapest(items: &[usize]) -> usize {\n    \n}\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn adds() {\n        assert_eq!(total(&[5, 3]), 8);\n    }\n\n    #[test]\n    fn least() {\n        assert_eq!(cheapest(&[5, 3]), 3);\n    }\n}\n',
    },
  },
];

describe('real test runs', () => {
  for (const project of projects) {
    it(`tie failures to completions and close them with the fix: ${project.name}`, async function () {
      const [tool, ...args] = project.probe;
      if (spawnSync(tool!, args).status !== 0) {
        this.skip();
      }
      const s = await Session.start();
      s.dated = false;
      const run = async () => {
        const [program, ...rest] = project.command;
        // The runner must not think that it is a test of this test, nor keep its caches for the next run.
        const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
        const result = spawnSync(program!, rest, {
          cwd: s.folder,
          encoding: 'utf8',
          env: {
            ...env,
            PYTHONDONTWRITEBYTECODE: '1',
            PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1',
            CARGO_TARGET_DIR: join(s.folder, 'target'),
          },
        });
        await s.run(result.stdout + result.stderr, result.status, project.command.join(' '));
      };
      for (const [path, text] of Object.entries(project.files)) {
        s.onDisk(path, text);
      }
      s.open(project.source, project.files[project.source]!);
      const first = s.take(project.source, project.holes[0], project.wrong[0]);
      const second = s.take(project.source, project.holes[1], project.wrong[1]);
      s.save(project.source);
      s.advance(5_000);
      await run();
      for (const id of [first, second]) {
        const event = await s.event(id);
        // go test stops at a panic, so what runs after it is not told.
        if (event !== null || project.name !== 'go' || id !== second) {
          assert.deepEqual([event?.signals, event?.status], [['test-failed'], 'waiting'], id);
          assert.ok(event!.output!.length > 20 && !event!.output!.includes(s.folder), event!.output!);
        }
      }
      s.advance(5_000);
      s.replace(project.source, project.wrong[0], project.right);
      s.save(project.source);
      s.advance(1_000);
      await run();
      const fixed = (await s.event(first))!;
      assert.deepEqual([fixed.status, fixed.solution, fixed.weight], ['ready', project.right, 1]);
      assert.ok(fixed.signals.includes('test-fixed'));
      assert.equal((await s.event(second))?.status, 'waiting');
      await s.end();
    });
  }
});
