/** Whom a failing test is blamed on, and what ends it: kinds of runs that were misread once. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { attribute, type Candidate, scopeOf } from '../../../../server/capture/sources/attribution';
import { isTestFile, testAt } from '../../../../server/capture/sources/test-code';
import { placeOf } from '../../../../server/test-output/places';
import type { Frame, TestFailure } from '../../../../server/test-output/report';
import { ROOT } from '../../../root';
import { Session } from '../session';

const fixture = (name: string) => readFileSync(join(ROOT, 'test', 'fixtures', 'blame', name), 'utf8');

describe('a failing test', () => {
  let s: Session;
  beforeEach(async () => {
    s = await Session.start();
  });
  afterEach(async () => {
    assert.deepEqual(s.messages, []);
    await s.end();
  });

  /** Accepts `text` at the mark `‹›` of a file, and saves. */
  function take(path: string, marked: string, text: string): string {
    const [before, after] = marked.split('‹›') as [string, string];
    s.open(path, before + after);
    const id = s.take(path, before, text);
    s.save(path);
    s.advance(20_000);
    return id;
  }
  /** Another completion, at a piece of text that stands in an open file. */
  function more(path: string, after: string, text: string): string {
    const id = s.take(path, after, text);
    s.save(path);
    s.advance(20_000);
    return id;
  }
  const signals = async (id: string) => (await s.event(id))?.signals ?? [];
  const blamed = async (id: string) =>
    (await signals(id)).includes('test-failed') && (await s.event(id))?.status !== 'dropped';

  const at = (fn: string, path: string, line: number) => `    at ${fn} (${s.folder}/${path}:${line}:3)`;
  const mocha = (...failing: [name: string, stack: string[]][]) =>
    `\n  ${3 - failing.length} passing (9ms)\n  ${failing.length} failing\n\n${failing
      .map(
        ([name, stack], i) =>
          `  ${i + 1}) cart\n       ${name}:\n     TypeError: it is not a function\n${stack.map((line) => `  ${line}`).join('\n')}\n`,
      )
      .join('\n')}\n`;

  const CART =
    'export function total(items) {\n  return ‹›\n}\n\nexport function cheapest(items) {\n  return \n}\n';

  it('is blamed on the line of the innermost frame of the project, and on none where none is there', async () => {
    s.onDisk('src/helper.js', 'export function helper(x) {\n  return x.y.z;\n}\n');
    const id = take('src/cart.js', CART, 'helper(items)');
    await s.run(mocha(['adds up', [at('helper', 'src/helper.js', 2), at('total', 'src/cart.js', 2)]]), 1);
    assert.equal(await blamed(id), false);
    // A package's own frames are passed over, and so is what is no file of the project.
    s.onDisk('node_modules/lib/index.js', 'x');
    await s.run(
      mocha([
        'adds up',
        [
          at('lib', 'node_modules/lib/index.js', 1),
          '    at get (/opt/other/x.js:1:1)',
          at('total', 'src/cart.js', 2),
        ],
      ]),
      1,
      'npx mocha',
    );
    assert.equal(await blamed(id), true);
  });

  it('is not blamed on another line of the function that broke, nor on a function that code under test names', async () => {
    const id = take(
      'src/cart.js',
      'export function total(items) {\n  const all = ‹›\n  return all.map(cheapest);\n}\n',
      'items.slice()',
    );
    await s.run(mocha(['adds up', [at('total', 'src/cart.js', 3)]]), 1);
    assert.equal(await blamed(id), false);
  });

  it('is blamed on nobody where several stand on the line, and says so', async () => {
    const id = take('src/cart.js', CART, 'first(items)');
    const other = more('src/cart.js', 'first(items)', ' ?? second(items)');
    await s.run(mocha(['adds up', [at('total', 'src/cart.js', 2)]]), 1);
    for (const one of [id, other]) {
      const event = await s.event(one);
      assert.equal(event?.status, 'dropped');
      assert.match(event?.reason ?? '', /Several completions/);
    }
  });

  it('gives the pair with the edit that fixes it', async () => {
    const id = take('src/cart.js', CART, 'items.reduce(add)');
    await s.run(mocha(['adds up', [at('total', 'src/cart.js', 2)]]), 1);
    s.replace('src/cart.js', 'add)', 'add, 0)');
    s.save('src/cart.js');
    await s.run('\n  3 passing (9ms)\n', 0);
    const event = (await s.event(id))!;
    assert.deepEqual([event.solution, event.status], ['items.reduce(add, 0)', 'ready']);
    assert.deepEqual(event.signals, ['edited', 'test-failed', 'test-fixed']);
    assert.match(event.output ?? '', /it is not a function/);
  });

  it('is fixed alone where another one still fails', async () => {
    const id = take('src/cart.js', CART, 'items.reduce(add)');
    const other = more('src/cart.js', 'cheapest(items) {\n  return ', 'items.sort()[0].price');
    const [first, second] = [
      ['adds up', [at('total', 'src/cart.js', 2)]],
      ['finds the cheapest', [at('cheapest', 'src/cart.js', 6)]],
    ] as [string, string[]][];
    await s.run(mocha(first!, second!), 1);
    assert.deepEqual([await blamed(id), await blamed(other)], [true, true]);
    s.replace('src/cart.js', 'add)', 'add, 0)');
    s.save('src/cart.js');
    await s.run(mocha(second!), 1);
    assert.ok((await signals(id)).includes('test-fixed'));
    assert.ok(!(await signals(other)).includes('test-fixed'));
    assert.equal((await s.event(other))?.status, 'waiting');
  });

  it('of two on one completion waits until both pass', async () => {
    const id = take('src/cart.js', CART, 'items.reduce(add)');
    const stack = [at('total', 'src/cart.js', 2)];
    await s.run(mocha(['adds up', stack], ['adds nothing up', stack]), 1);
    s.replace('src/cart.js', 'add)', 'add, 1)');
    s.save('src/cart.js');
    await s.run(mocha(['adds nothing up', stack]), 1);
    assert.ok(!(await signals(id)).includes('test-fixed'));
    s.replace('src/cart.js', 'add, 1)', 'add, 0)');
    s.save('src/cart.js');
    await s.run('\n  3 passing (9ms)\n', 0);
    assert.equal((await s.event(id))?.solution, 'items.reduce(add, 0)');
    assert.ok((await signals(id)).includes('test-fixed'));
  });

  it('is not fixed by a run that broke off before it', async () => {
    const id = take('src/cart.js', CART, 'items.reduce(add)');
    await s.run(mocha(['adds up', [at('total', 'src/cart.js', 2)]]), 1);
    s.replace('src/cart.js', 'add)', 'add, 0');
    s.save('src/cart.js');
    await s.run(
      `SyntaxError: missing ) after argument list\n    at compile (${s.folder}/test/cart.test.js:1:1)\n`,
      1,
    );
    assert.ok(!(await signals(id)).includes('test-fixed'));
    s.replace('src/cart.js', 'add, 0', 'add, 0)');
    s.save('src/cart.js');
    await s.run('\n  3 passing (9ms)\n', 0);
    assert.ok((await signals(id)).includes('test-fixed'));
  });

  it('is not fixed by what a formatter did to the completion while another file changed', async () => {
    const id = take('src/cart.js', CART, 'items.reduce(add)');
    s.open('src/add.js', 'export const add = 1;\n');
    await s.run(mocha(['adds up', [at('total', 'src/cart.js', 2)]]), 1);
    s.whole(
      'src/cart.js',
      s.text('src/cart.js').replace('items.reduce(add)', 'items.reduce(\n    add,\n  );'),
    );
    s.save('src/cart.js');
    s.replace('src/add.js', '1', '(a, b) => a + b');
    s.save('src/add.js');
    await s.run('\n  3 passing (9ms)\n', 0);
    const event = await s.event(id);
    assert.equal(event?.status, 'dropped');
    assert.match(event?.reason ?? '', /without a change/);
  });

  it('is another one where a test of the same name stands in another file', async () => {
    const py = (name: string) => `def ${name}(items):\n    return ‹›\n`;
    const a = take('shop/a/cart.py', py('total'), 'sum(items)');
    const b = take('shop/b/order.py', py('order_total'), 'sum(items) + 1');
    s.onDisk(
      'tests/a/test_cart.py',
      'from shop.a.cart import total\n\ndef test_total():\n    assert total([1]) == 2\n',
    );
    s.onDisk(
      'tests/b/test_order.py',
      'from shop.b.order import order_total\n\ndef test_total():\n    assert order_total([1]) == 3\n',
    );
    await s.run(fixture('pytest-same-name.txt'), 1, 'pytest');
    assert.deepEqual([await blamed(a), await blamed(b)], [true, true]);
    s.replace('shop/a/cart.py', 'sum(items)', 'sum(items, 1)');
    s.save('shop/a/cart.py');
    const output = fixture('pytest-same-name.txt')
      .replace('tests/a/test_cart.py F ', 'tests/a/test_cart.py . ')
      .replace(/_+ test_total _+\n\n {4}def test_total\(\):\n> {7}assert total[\s\S]*?AssertionError\n/, '')
      .replace(/FAILED tests\/a.*\n/, '')
      .replace('2 failed', '1 failed, 1 passed');
    await s.run(output, 1, 'pytest');
    assert.ok((await signals(a)).includes('test-fixed'), `${await signals(a)}`);
    assert.ok(!(await signals(b)).includes('test-fixed'));
  });

  it('is found by the folder that the runner printed, and by a tail that a single file has', async () => {
    const index = 'export function read(x) {\n  // c\n  return ‹›\n}\n';
    const shop = take('packages/shop/src/index.ts', index, 'x.b.c;');
    const other = take('packages/other/src/index.ts', index, 'x.b.c;');
    for (const name of ['shop', 'other'])
      s.onDisk(
        `packages/${name}/src/index.test.ts`,
        "it('reads c', () => {\n  setUp();\n\n  read({});\n});\n",
      );
    const output = fixture('blame-monorepo-relative.txt');
    await s.run(output.replace('/home/dev/repo/', `${s.folder}/`), 1);
    assert.deepEqual([await blamed(shop), await blamed(other)], [true, false]);
    await s.run(output.replace(/^ RUN .*$/m, ''), 1, 'npm run test:all');
    assert.equal(await blamed(other), false);
  });

  it('is found in folders with blanks, in a container, and through ..', async () => {
    const lib = 'exports.read = (x) => {\n  // c\n  return ‹›\n};\n';
    const id = take('src/my lib/cart.js', lib, 'x.b.c;');
    await s.run(fixture('blame-space-in-path.txt'), 1);
    assert.equal(await blamed(id), true);
    for (const [i, path] of ['/app/src/price.js', `${s.folder}/test/../src/price.js`].entries()) {
      const one =
        i === 0 ? take('src/price.js', lib, 'x.b.c;') : more('src/price.js', 'return x.b.c;', ' // again');
      await s.run(
        mocha(['reads c', [`    at read (${path}:3:9)`]]),
        1,
        `docker run ${i}`.replace('docker run', 'npm test --'),
      );
      if (i === 0) assert.equal(await blamed(one), true, path);
    }
    await s.run(mocha(['reads c', [`    at read (${s.folder}/../etc/price.js:3:9)`]]), 1, 'npm run other');
  });

  it('is none where a build does not compile: its errors count as diagnostics do', async () => {
    const id = take('src/cart.ts', CART, 'items.reduce(add);');
    const other = more('src/cart.ts', 'cheapest(items) {\n  return ', 'items.least();');
    const errors = [
      "src/cart.ts(2,16): error TS2304: Cannot find name 'add'.",
      "src/cart.ts(6,16): error TS2339: Property 'least' does not exist.",
    ];
    await s.run(`${errors.join('\n')}\n`, 2, 'npx tsc -p .');
    assert.deepEqual([await signals(id), await signals(other)], [['diagnostic'], ['diagnostic']]);
    assert.match((await s.event(id))?.output ?? '', /Cannot find name 'add'/);
    s.replace('src/cart.ts', 'add)', '(a, b) => a + b)');
    s.save('src/cart.ts');
    await s.run(`${errors[1]}\n`, 2, 'npx tsc -p .');
    assert.deepEqual(await signals(id), ['edited', 'diagnostic', 'diagnostic-fixed']);
    assert.deepEqual(await signals(other), ['diagnostic']);
    // Another file is at fault now: the compiler did not come to this one.
    s.replace('src/cart.ts', 'least()', 'at(0)');
    s.save('src/cart.ts');
    s.onDisk('src/other.ts', 'x\n');
    await s.run("src/other.ts(1,1): error TS2304: Cannot find name 'x'.\n", 2, 'npx tsc -p .');
    assert.ok(!(await signals(other)).includes('diagnostic-fixed'));
    await s.run('', 0, 'npx tsc -p .');
    assert.ok((await signals(other)).includes('diagnostic-fixed'));
  });

  it('does not hold the event loop up, however large what it points at', async () => {
    const id = take('src/cart.js', CART, 'items.reduce(add)');
    for (let i = 0; i < 40; i++)
      s.onDisk(`test/large${i}.test.js`, `${'// a line of code that is long enough\n'.repeat(20_000)}`);
    const stack = Array.from({ length: 40 }, (_, i) => at('f', `test/large${i}.test.js`, 5));
    const run = async () => {
      const started = performance.now();
      const done = s.run(mocha(['adds up', [at('total', 'src/cart.js', 2), ...stack]]), 1);
      const called = performance.now() - started;
      await done;
      return called;
    };
    // Other processes only add to it: the least of three is what it takes.
    const called = Math.min(await run(), await run(), await run());
    assert.ok(called < 50, `${called} ms`);
    assert.equal(await blamed(id), true);
  });
});

describe('attribution on Windows', () => {
  const cwd = 'c:\\Users\\dev\\shop';
  const file = 'c:\\Users\\dev\\shop\\src\\cart.ts';
  const lines = ['export function total(items) {', '  return items.reduce(add);', '}'];
  const candidate: Candidate = {
    id: 'c',
    path: file,
    startLine: 1,
    endLine: 1,
    scope: scopeOf(lines, 1, 1),
    acceptedAt: 0,
  };
  const there = new Set([file, 'c:\\Users\\dev\\shop\\test\\cart.test.ts'].map((one) => one.toLowerCase()));
  const ground = {
    cwd,
    exists: (path: string) => there.has(win32.normalize(path).toLowerCase()),
    files: () => [file, 'c:\\Users\\dev\\shop\\test\\cart.test.ts'],
    path: win32,
  };

  function verdict(printed: string, candidates = [candidate]) {
    const frames: Frame[] = [{ file: printed, line: 2, column: 3 }];
    const failure: TestFailure = { name: 'adds up', message: 'no', frames, text: '' };
    return attribute(failure, candidates, {
      startedAt: 1,
      pathOf: (frame) => placeOf(frame.file, ground),
      isTest: () => false,
      source: () => null,
      failedBefore: () => false,
      passedBefore: () => false,
      path: win32,
    });
  }

  it('knows a file by drive letters of either case, either separator, and tails', () => {
    const cases = JSON.parse(fixture('windows-paths.json')) as {
      printed: string;
      path: string;
      same: boolean;
    }[];
    for (const { printed, same } of cases) assert.equal(verdict(printed).id, same ? 'c' : null, printed);
    for (const printed of ['/app/src/cart.ts', '.\\src\\cart.ts', 'test\\..\\src\\cart.ts', 'cart.ts'])
      assert.equal(verdict(printed).id, 'c', printed);
    for (const printed of ['src\\other.ts', 'D:\\elsewhere\\other.ts', '..\\..\\etc\\cart.tsx'])
      assert.equal(verdict(printed).id, null, printed);
  });

  it('blames nobody where two stand on the line', () => {
    assert.deepEqual(verdict('src\\cart.ts', [candidate, { ...candidate, id: 'd' }]), {
      id: null,
      tied: ['c', 'd'],
    });
  });
});

describe('test code', () => {
  it('is known by the file’s name or folder', () => {
    for (const path of [
      'src/cart.test.ts',
      'a/cart_spec.rb',
      'tests/x.py',
      'test_cart.py',
      'src/CartTest.java',
      'a/__tests__/x.js',
      'cart_test.go',
      'C:\\a\\Cart.Tests.cs',
    ])
      assert.ok(isTestFile(path), path);
    for (const path of [
      'src/cart.ts',
      'latest/x.ts',
      'src/contest.py',
      'src/testing-tools.ts',
      'src/Contest.java',
    ])
      assert.ok(!isTestFile(path), path);
  });

  it('is known by the block around it, also in the file under test', () => {
    const rust = [
      'fn total() {',
      '    1',
      '}',
      'mod tests {',
      '    #[test]',
      '    fn adds() {',
      '        assert_eq!(total(), 2);',
      '    }',
      '}',
    ];
    assert.equal(testAt(rust, 6).isTest, true);
    assert.equal(testAt(rust, 1).isTest, false);
    const js = [
      "it('adds', () => {",
      '  if (x) {',
      '    check();',
      '  }',
      '});',
      'function f() {',
      '  g();',
      '}',
    ];
    assert.equal(testAt(js, 2).isTest, true);
    assert.equal(testAt(js, 6).isTest, false);
  });
});
