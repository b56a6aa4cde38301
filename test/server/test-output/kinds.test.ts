/** Kinds of outputs beside those recorded: watchers, runs that die, packages one after the other, what is no run, reports. */
import assert from 'node:assert/strict';
import { type FinishedRun, understandRun } from '../../../server/test-output/understand-run';

const ESC = String.fromCharCode(27);
const jestRed = `FAIL src/cart.test.js
  ● cart › half

    Expected: 5
    Received: 7

      at Object.toBe (src/cart.test.js:6:20)

Tests:       1 failed, 1 passed, 2 total
Ran all test suites.
`;
const jestGreen = 'PASS src/cart.test.js\n\nTests:       2 passed, 2 total\nRan all test suites.\n';
const behind = (mark: string, text: string) => text.replace(/^/gm, mark);

/** [what, run, runner, outcome, each failure's name and first place] */
const RUNS: [string, FinishedRun | string, string | null, string, string[]?][] = [
  [
    'a watched run of jest that passes after a cleared screen',
    `${jestRed}${ESC}[2J${ESC}[3J${ESC}[H${jestGreen}`,
    'jest',
    'green',
  ],
  ['the same without the escape codes', jestRed + jestGreen, 'jest', 'green'],
  ['the same the other way round', jestGreen + jestRed, 'jest', 'red', ['cart › half src/cart.test.js:6']],
  [
    'mocha --watch',
    `\n  cart\n    1) half\n\n\n  0 passing (5ms)\n  1 failing\n\n  1) cart\n       half:\n     Error: x\n      at a (src/a.js:1:1)\n\n\n\n${ESC}[2J${ESC}[0;0H\n  cart\n    ✔ half\n\n\n  1 passing (5ms)\n`,
    'mocha',
    'green',
  ],
  [
    'cargo watch',
    "[Running 'cargo test']\nrunning 1 test\ntest a ... FAILED\n\nfailures:\n\n---- a stdout ----\nthread 'a' panicked at src/lib.rs:3:5:\nx\n\n\nfailures:\n    a\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored\n[Finished running. Exit status: 101]\n[Running 'cargo test']\nrunning 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored\n",
    'cargo test',
    'green',
  ],
  [
    'two packages on GitHub, the first of them green',
    '::group::@acme/ui:test\n\n RUN  v3.2.4 /repo/packages/ui\n\n Test Files  1 passed (1)\n      Tests  2 passed (2)\n\n::endgroup::\n::group::@acme/shop:test\n\n RUN  v3.2.4 /repo/packages/shop\n\n FAIL  src/a.test.ts > half\nAssertionError: expected 7 to be 5\n ❯ src/a.ts:3:1\n\n Test Files  1 failed (1)\n      Tests  1 failed (1)\n\n::endgroup::\n',
    'vitest',
    'red',
    ['src/a.test.ts > half src/a.ts:3'],
  ],
  [
    'two packages, the second of them green',
    `\n> @acme/ui@1.0.0 test\n> jest\n\n${jestRed}\n> @acme/shop@1.0.0 test\n> jest\n\n${jestGreen}`,
    'jest',
    'red',
    ['cart › half src/cart.test.js:6'],
  ],
  [
    'a run of one package again',
    `\n> shop@1.0.0 test\n> jest\n\n${jestRed}\n> shop@1.0.0 test\n> jest\n\n${jestGreen}`,
    'jest',
    'green',
  ],
  [
    "Maven's second module red",
    '[INFO] Scanning for projects...\n[INFO] Running order.OrderTest\n[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.01 s -- in order.OrderTest\n[INFO] Results:\n[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0\n[INFO] Running shop.CartTest\n[ERROR] Tests run: 1, Failures: 0, Errors: 1, Skipped: 0, Time elapsed: 0.02 s <<< ERROR! -- in shop.CartTest\n[ERROR] shop.CartTest.half -- Time elapsed: 0.003 s <<< ERROR!\njava.lang.IllegalStateException: no\n\tat shop.Cart.half(Cart.java:9)\n\n[INFO] Results:\n[ERROR] Errors: \n[ERROR]   CartTest.half:9 » IllegalState no\n[ERROR] Tests run: 1, Failures: 0, Errors: 1, Skipped: 0\n[INFO] BUILD FAILURE\n',
    'maven',
    'red',
    ['shop.CartTest.half shop/Cart.java:9'],
  ],
  [
    'go test in a deadlock',
    'fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\ntesting.(*T).Run(0xc0, {0x1, 0x2}, 0x3)\n\t/usr/local/go/src/testing/testing.go:1751 +0x3ab\nmain.main()\n\t_testmain.go:47 +0x16c\n\ngoroutine 7 [chan receive]:\nexample.com/shop.Wait(...)\n\t/home/dev/shop/cart.go:13\nexample.com/shop.TestWait(0xc0)\n\t/home/dev/shop/cart_test.go:21 +0x1d\nFAIL\texample.com/shop\t0.012s\nFAIL\n',
    'go test',
    'red',
    ['TestWait /home/dev/shop/cart.go:13'],
  ],
  [
    'two tests of one name in two packages',
    '--- FAIL: TestNew (0.00s)\n    cart_test.go:9: no\nFAIL\nFAIL\texample.com/shop\t0.1s\n--- FAIL: TestNew (0.00s)\n    order_test.go:7: no\nFAIL\nFAIL\texample.com/shop/order\t0.1s\nFAIL\n',
    'go test',
    'red',
    ['TestNew cart_test.go:9', 'TestNew order_test.go:7'],
  ],
  [
    'a test program of Rust that overflows its stack',
    "running 2 tests\ntest tests::adds ... ok\n\nthread 'tests::deep' has overflowed its stack\nfatal runtime error: stack overflow\nerror: test failed, to rerun pass `--lib`\n\nCaused by:\n  process didn't exit successfully: `/home/dev/shop/target/debug/deps/shop-1` (signal: 6, SIGABRT: process abort signal)\n",
    'cargo test',
    'red',
    ['tests::deep'],
  ],
  [
    'a suite hook of RSpec',
    "\nAn error occurred in a `before(:suite)` hook.\nFailure/Error: Cart.boot!\n\nNoMethodError:\n  undefined method `boot!'\n# ./spec/spec_helper.rb:9:in `block'\n\nFinished in 0.1 seconds\n0 examples, 0 failures, 1 error occurred outside of examples\n",
    'rspec',
    'red',
    ['`before(:suite)` hook spec/spec_helper.rb:9'],
  ],
  [
    'doctest',
    '[doctest] doctest version is "2.4.11"\n===============================================================================\ntest/cart_test.cpp:9:\nTEST CASE:  takes half\n\ntest/cart_test.cpp:12: ERROR: CHECK( half(10) == 5 ) is NOT correct!\n  values: CHECK( 7 == 5 )\n\n===============================================================================\n[doctest] test cases:  2 |  1 passed | 1 failed | 0 skipped\n',
    'catch2',
    'red',
    ['takes half test/cart_test.cpp:12'],
  ],
  [
    'bats',
    '1..2\nok 1 adds\nnot ok 2 halves\n# (in test file test/cart.bats, line 5)\n#   half failed\n',
    'tap',
    'red',
    ['halves test/cart.bats:5'],
  ],
  [
    'a journal',
    behind('Nov 25 22:00:00 ci npm[812]: ', jestRed),
    'jest',
    'red',
    ['cart › half src/cart.test.js:6'],
  ],
  ['lage', behind('shop test | ', jestRed), 'jest', 'red', ['cart › half src/cart.test.js:6']],
  [
    'GitLab',
    behind('2026-11-25T22:00:00.123456Z 01O ', jestRed),
    'jest',
    'red',
    ['cart › half src/cart.test.js:6'],
  ],
  [
    'times within a container’s log',
    behind('web-1  | 22:00:00 ', jestRed),
    'jest',
    'red',
    ['cart › half src/cart.test.js:6'],
  ],
  ['yarn workspaces', behind('[@acme/shop]: ', jestRed), 'jest', 'red', ['cart › half src/cart.test.js:6']],
  [
    'tests that pass below a coverage threshold',
    `${jestGreen}Jest: "global" coverage threshold for lines (80%) not met: 50%\n`,
    'jest',
    'unknown',
  ],
  [
    'tests that pass in a script that fails',
    `${jestGreen}npm error Lifecycle script \`test\` failed with error:\n`,
    'jest',
    'unknown',
  ],
  ['a green run beside a process that fails', `${jestGreen}lint exited with code 1\n`, 'jest', 'unknown'],
  ['a run behind which nothing fails', `${jestGreen}test exited with code 0\n`, 'jest', 'green'],
  [
    'eslint',
    {
      output:
        "/home/dev/shop/src/cart.js\n  3:5  error  'x' is not defined  no-undef\n\n✖ 1 problem (1 error, 0 warnings)\n",
      exitCode: 1,
    },
    null,
    'unknown',
  ],
  [
    'mypy',
    { output: 'cart.py:3: error: Incompatible types\nFound 1 error in 1 file\n', exitCode: 1 },
    null,
    'unknown',
  ],
  [
    'tsc',
    { output: "src/a.ts(4,10): error TS2339: Property 'get' does not exist.\n", exitCode: 2 },
    null,
    'unknown',
  ],
  [
    'a compiler of Java',
    { output: 'Cart.java:9: error: cannot find symbol\n1 error\n', exitCode: 1 },
    null,
    'unknown',
  ],
  ['make', { output: 'make: *** [Makefile:3: test] Error 1\n', exitCode: 2 }, null, 'unknown'],
  ['a listing', { output: 'src/cart.js:12\nsrc/cart.test.js:30\n', exitCode: 1 }, null, 'unknown'],
  ['nothing', { output: '', exitCode: 1 }, null, 'unknown'],
  ['no tests found', { output: 'No tests found, exiting with code 1\n', exitCode: 1 }, null, 'unknown'],
  [
    'a report of a flaky test',
    {
      output:
        '<testsuites><testsuite name="s" tests="2" failures="0"><testcase classname="a" name="b"><flakyFailure message="x">at A.b(A.java:3)</flakyFailure></testcase><testcase classname="a" name="c"/></testsuite></testsuites>',
      isReport: true,
    },
    'junit',
    'green',
  ],
  [
    'a report of a test that failed each time',
    {
      output:
        '<testsuite name="s"><testcase classname="a" name="b"><failure message="x">at p.A.b(A.java:3)</failure><rerunFailure message="x">y</rerunFailure></testcase></testsuite>',
      isReport: true,
    },
    'junit',
    'red',
    ['a > b p/A.java:3'],
  ],
  [
    'a report of an error outside of tests',
    {
      output:
        '<testsuite name="cart" tests="0" errors="1" failures="0"><error message="boom">at f (src/a.js:3:1)</error></testsuite>',
      isReport: true,
    },
    'junit',
    'red',
    ['cart src/a.js:3'],
  ],
  [
    'a report whose place is in the captured output',
    {
      output:
        '<testsuite name="s"><testcase name="half"><failure message="exit 101"/><system-err>thread \'half\' panicked at src/lib.rs:3:5:\nx</system-err></testcase></testsuite>',
      isReport: true,
    },
    'junit',
    'red',
    ['half src/lib.rs:3'],
  ],
  [
    'a report with another in a comment',
    {
      output:
        '<!-- <testsuite><testcase name="x"><failure/></testcase></testsuite> --><testsuites><testsuite name="s"><testcase name="a"/></testsuite></testsuites>',
      isReport: true,
    },
    'junit',
    'green',
  ],
  [
    'a report with entities of its own',
    {
      output:
        '<!DOCTYPE a [<!ENTITY b "c">]><testsuites><testsuite><testcase name="&b;"/></testsuite></testsuites>',
      isReport: true,
    },
    null,
    'unknown',
  ],
];

describe('kinds of test output', () => {
  for (const [what, given, runner, outcome, failures = []] of RUNS) {
    it(what, () => {
      const read = understandRun(typeof given === 'string' ? { output: given } : given);
      const told = read.failures.map(({ name, frames }) =>
        [name, frames[0] && `${frames[0].file}:${frames[0].line}`].filter(Boolean).join(' '),
      );
      assert.deepEqual([read.runner, read.outcome, told], [runner, outcome, failures]);
    });
  }
});
