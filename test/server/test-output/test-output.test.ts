import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalise, OUTPUT_LIMIT } from '../../../server/test-output/normalise';
import { parseTestOutput } from '../../../server/test-output/read-run';
import { ROOT } from '../../root';

const RUNS = join(ROOT, 'test/fixtures/runs');
const recorded = (name: string) => readFileSync(join(RUNS, name), 'utf8');

/** [runner, passed, failed] of each recorded run. */
const EXPECTED: Record<string, [string, number | null, number]> = {
  'cargo-backtrace.txt': ['cargo test', 1, 2],
  'cargo-colour.txt': ['cargo test', 1, 2],
  'cargo.txt': ['cargo test', 1, 2],
  'dotnet-colour.txt': ['dotnet test', 1, 2],
  'dotnet-verbose.txt': ['dotnet test', 1, 2],
  'dotnet.txt': ['dotnet test', 1, 2],
  'go-json.txt': ['go test', 1, 2],
  'go-panic.txt': ['go test', 0, 2],
  'gradle-junit.xml': ['junit', 1, 2],
  'gradle.txt': ['gradle', 1, 2],
  'jest-colour.txt': ['jest', 1, 2],
  'jest-junit.xml': ['junit', 1, 2],
  'jest.txt': ['jest', 1, 3],
  'maven-colour.txt': ['maven', 1, 2],
  'maven-junit.xml': ['junit', 1, 2],
  'maven.txt': ['maven', 1, 2],
  'mocha-colour.txt': ['mocha', 1, 3],
  'mocha-dot.txt': ['mocha', 1, 3],
  'mocha-tap.txt': ['tap', 1, 3],
  'mocha-xunit.xml': ['junit', 1, 3],
  'mocha.txt': ['mocha', 1, 3],
  'node-dot.txt': ['node:test', null, 2],
  'node-junit.xml': ['junit', 2, 2],
  'node-spec-colour.txt': ['node:test', 2, 2],
  'node-spec.txt': ['node:test', 2, 2],
  'node-tap.txt': ['tap', 2, 2],
  'phpunit-colour.txt': ['phpunit', 1, 2],
  'phpunit-junit.xml': ['junit', 1, 2],
  'phpunit.txt': ['phpunit', 1, 2],
  'pytest-colour.txt': ['pytest', 2, 2],
  'pytest-junit.xml': ['junit', 2, 2],
  'pytest-line.txt': ['pytest', 2, 2],
  'pytest-native.txt': ['pytest', 3, 4],
  'pytest-short.txt': ['pytest', 2, 2],
  'pytest.txt': ['pytest', 2, 2],
  'rspec-colour.txt': ['rspec', 1, 2],
  'rspec.txt': ['rspec', 1, 2],
  'unittest-verbose.txt': ['unittest', 1, 2],
  'unittest.txt': ['unittest', 1, 2],
  'vitest-colour.txt': ['vitest', 1, 2],
  'vitest-junit.xml': ['junit', 1, 2],
  'vitest-tap.txt': ['tap', 1, 2],
  'vitest.txt': ['vitest', 1, 3],
};
const GREEN: Record<string, string> = {
  cargo: 'cargo test',
  dotnet: 'dotnet test',
  go: 'go test',
  jest: 'jest',
  maven: 'maven',
  mocha: 'mocha',
  'node-spec': 'node:test',
  phpunit: 'phpunit',
  pytest: 'pytest',
  rspec: 'rspec',
  unittest: 'unittest',
  vitest: 'vitest',
};
/** Maven's trimmed traces stop at the test. */
const TRIMMED = ['maven.txt', 'maven-junit.xml'];

describe('test output', () => {
  for (const [file, [runner, passed, failed]] of Object.entries(EXPECTED)) {
    it(`reads ${file}`, () => {
      const report = parseTestOutput(recorded(file))!;
      assert.deepEqual([report.runner, report.passed, report.failed], [runner, passed, failed]);
      assert.equal(report.failures.length, failed);
      const wrong = report.failures.find((f) => /discount|takes_?off/i.test(f.name))!;
      assert.match(wrong.message, /6|8 - /, 'the expected value is told');
      const place = wrong.frames[0]!;
      assert.match(place.file, /cart[._]?(?:test|spec)|test_(?:plain|cart)|CartTest|lib\.rs/);
      assert.ok(place.line >= 9 && place.line <= 24, `${place.line}`);
      const thrown = report.failures.find((f) => /cheapest/i.test(f.name))!;
      assert.match(thrown.message, /sorted|index|Index/);
      assert.match(
        thrown.frames[0]!.file,
        TRIMMED.includes(file) ? /CartTest/ : /(?:^|\/)(?:cart|Cart|lib)(?:\.\w+$|\/__init__)/,
        'the innermost frame comes first',
      );
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
      assert.ok(report.failures.every((f) => !/\u001b/.test(f.text + f.message + f.name)));
    });
  }

  for (const [name, runner] of Object.entries(GREEN)) {
    it(`reads ${name}-green.txt as green`, () => {
      const report = parseTestOutput(recorded(`${name}-green.txt`))!;
      assert.deepEqual([report.runner, report.failed, report.failures], [runner, 0, []]);
    });
  }

  it('knows every recorded file', () => {
    const known = [...Object.keys(EXPECTED), ...Object.keys(GREEN).map((name) => `${name}-green.txt`)];
    const others = [
      'README.md',
      'cargo-build.txt',
      'dotnet-build.txt',
      'go-build.txt',
      'go-verbose.txt',
      'go.txt',
      'node-crash-spec.txt',
      'node-crash-tap.txt',
      'pytest-collect-error.txt',
    ];
    assert.deepEqual(readdirSync(RUNS).sort(), [...known, ...others].sort());
  });

  it('reads what does not build or collect', () => {
    const first = (file: string) => {
      const failure = parseTestOutput(recorded(file))!.failures[0]!;
      return [failure.message.split('\n')[0], `${failure.frames[0]?.file}:${failure.frames[0]?.line}`];
    };
    assert.deepEqual(first('go-build.txt'), ['./cart.go:18:9: undefined: itemz', 'cart.go:18']);
    assert.deepEqual(first('cargo-build.txt')[1], 'src/lib.rs:2');
    assert.deepEqual(first('dotnet-build.txt'), [
      "CS0117: 'Cart' does not contain a definition for 'Totals'",
      'tests/CartTests.cs:9',
    ]);
    assert.match(first('pytest-collect-error.txt')[0]!, /^ImportError: cannot import name/);
    assert.equal(first('pytest-collect-error.txt')[1], 'tests/test_broken.py:1');
    for (const file of ['node-crash-spec.txt', 'node-crash-tap.txt'])
      assert.deepEqual(
        first(file),
        ['SyntaxError: Illegal newline after throw', '/project/src/cart.js:6'],
        file,
      );
    assert.equal(parseTestOutput(recorded('go.txt'))!.failures[0]!.name, 'TestDiscount/quarter');
    assert.deepEqual(parseTestOutput(recorded('go-verbose.txt'))!.passedNames, ['TestTotal']);
    assert.deepEqual(parseTestOutput(recorded('dotnet-verbose.txt'))!.passedNames, [
      'Shop.Tests.CartTests.AddsPrices',
    ]);
  });

  it('reads dotnet test of newer SDKs', () => {
    const report = parseTestOutput(`
Starting test execution, please wait...
A total of 1 test files matched the specified pattern.
  Failed Shop.CartTests.TakesTheDiscountOff [12 ms]
  Error Message:
   Assert.Equal() Failure: Values differ
Expected: 6
Actual:   2
  Stack Trace:
     at Shop.CartTests.TakesTheDiscountOff() in /project/tests/CartTests.cs:line 15
   at System.Reflection.MethodBaseInvoker.InvokeWithNoArgs(Object obj, BindingFlags invokeAttr)
  Passed Shop.CartTests.AddsPrices [1 ms]
  Failed Shop.CartTests.FindsTheCheapest [3 ms]
  Error Message:
   System.ArgumentOutOfRangeException : Index was out of range.
  Stack Trace:
     at Shop.Cart.Cheapest(List\`1 items) in /project/src/Cart.cs:line 14
   at Shop.CartTests.FindsTheCheapest() in /project/tests/CartTests.cs:line 21

Failed!  - Failed:     2, Passed:     1, Skipped:     0, Total:     3, Duration: 15 ms - Shop.dll (net8.0)
`)!;
    assert.deepEqual([report.runner, report.passed, report.failed], ['dotnet test', 1, 2]);
    assert.deepEqual(
      report.failures.map((f) => [f.name.split('.').pop(), f.frames[0]?.file, f.frames[0]?.line]),
      [
        ['TakesTheDiscountOff', '/project/tests/CartTests.cs', 15],
        ['FindsTheCheapest', '/project/src/Cart.cs', 14],
      ],
    );
    assert.equal(report.failures[1]!.message, 'System.ArgumentOutOfRangeException : Index was out of range.');
  });

  it('takes the frames of any other stack trace', () => {
    const node = `/project/a.js:2\n  throw new Error('no')\n  ^\n\nError: no\n    at f (/project/a.js:2:9)\n    at Object.<anonymous> (/project/b.js:7:1)\n    at node:internal/main:2:3\n`;
    assert.deepEqual(
      parseTestOutput(node)!.failures[0]!.frames.map((f) => [f.file, f.line]),
      [
        ['/project/a.js', 2],
        ['/project/b.js', 7],
      ],
    );
    const python =
      'Traceback (most recent call last):\n  File "m.py", line 9, in <module>\n    f()\n  File "lib/n.py", line 3, in f\n    x\nNameError: name \'x\' is not defined\n';
    const [failure] = parseTestOutput(python)!.failures;
    assert.deepEqual(
      [failure!.message, failure!.frames[0]?.file],
      ["NameError: name 'x' is not defined", 'lib/n.py'],
    );
    assert.equal(parseTestOutput('listening on http://localhost:3000\nall good 12:30:01\n'), null);
    assert.equal(parseTestOutput(''), null);
  });

  it('survives other programs’ lines in between and prefixes before each line', () => {
    const lines = recorded('mocha.txt').split('\n');
    const noisy = lines.flatMap((line, i) =>
      i % 4 === 3 ? [line, `[server] GET /items 200 in ${i} ms`] : [line],
    );
    const names = (text: string) => parseTestOutput(text)!.failures.map((f) => [f.name, f.frames[0]?.line]);
    assert.deepEqual(
      names(noisy.join('\n')).map(([, line]) => line),
      [10, undefined, 11],
    );
    for (const file of ['mocha.txt', 'jest.txt', 'pytest.txt', 'vitest-colour.txt']) {
      const prefixed = recorded(file).replace(/^/gm, '[test] ');
      assert.deepEqual(names(prefixed), names(recorded(file)), file);
    }
  });

  it('reads what is left of an output that was cut off anywhere', () => {
    for (const file of Object.keys(EXPECTED)) {
      const text = recorded(file);
      for (let part = 1; part < 12; part++) {
        const cut = Math.floor((text.length * part) / 12);
        assert.doesNotThrow(() => parseTestOutput(text.slice(0, cut)), `${file} up to ${cut}`);
        assert.doesNotThrow(() => parseTestOutput(text.slice(cut)), `${file} from ${cut}`);
      }
    }
    const xml = recorded('pytest-junit.xml');
    assert.equal(parseTestOutput(xml.slice(0, xml.indexOf('test_cheapest')))!.failures.length, 1);
  });

  it('reads 50 MB in little time and memory', () => {
    const noise = 'debug: item 17 of 20000 handled in 3 ms (worker:4) \u001b[32mok\u001b[39m\n';
    const long = Buffer.from(noise.repeat(Math.ceil(50e6 / noise.length)) + recorded('mocha.txt')).toString();
    assert.ok(long.length > 50e6);
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    const report = parseTestOutput(long)!;
    const took = performance.now() - start;
    assert.equal(report.failures.length, 3);
    assert.ok(took < 250, `${took} ms`);
    assert.ok(process.memoryUsage().heapUsed - before < 60e6);
  });

  it('is not slowed down by lines made to do so', () => {
    const hostile = [
      'a'.repeat(4e5),
      ' > '.repeat(1e5),
      'a-'.repeat(2e5),
      '<testcase '.repeat(4e4),
      '/a.b:1'.repeat(6e4),
      '\r'.repeat(4e5),
      'password-'.repeat(4e4),
      '\u001b]'.repeat(2e5),
    ];
    for (const text of hostile) {
      const start = performance.now();
      parseTestOutput(text);
      assert.ok(
        performance.now() - start < 400,
        `${JSON.stringify(text.slice(0, 12))}: ${performance.now() - start} ms`,
      );
    }
  });

  it('normalises failures: short, without paths, colours and secrets', async () => {
    const report = parseTestOutput(recorded('mocha-colour.txt'))!;
    const text = await normalise(report.failures, ['/project']);
    assert.equal(
      text.split('\n').slice(-4).join('\n'),
      'cart cheapest finds the cheapest item\nTypeError: items.sorted is not a function\n  at src/cart.js:11\n  at mocha/cart.test.js:14',
    );
    assert.ok(!text.includes('/project'));
    const secret = ['gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0', 'k1L2m3N4o5P6q7R8'].join('');
    const failures = Array.from({ length: 40 }, (_, i) => ({
      name: `test ${i}`,
      message: `Error: ${'x'.repeat(60)} ${secret} in /home/someone/private/file.ts`,
      frames: [{ file: '/elsewhere/lib/deep/x.ts', line: 3, column: null }],
      text: '',
    }));
    const long = await normalise(failures, []);
    assert.ok(long.length <= OUTPUT_LIMIT && long.length > OUTPUT_LIMIT / 2);
    assert.ok(!long.includes(secret) && !long.includes('someone') && !long.includes('elsewhere'));
    assert.ok(long.includes('…/x.ts:3'));
  });
});
