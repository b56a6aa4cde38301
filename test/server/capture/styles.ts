/** Languages and test runners for scripted sessions: how their files look, and how they print a failure. */

/** A failing test: `stack` innermost first, the test's own frame last. Lines from 1. */
export interface Failing {
  test: string;
  message: string;
  stack: { fn: string; file: string; line: number }[];
  /** The test's line that failed, as some runners print it. */
  code: string;
}

export interface Style {
  name: string;
  command: string;
  languageId: string;
  source: string;
  testFile: string;
  /** A source file with these functions, each with a hole behind `open`. */
  file(functions: string[]): string;
  /** What stands right before the hole in this function. */
  open(fn: string): string;
  /** A test file that calls each function in turn; `lineOf` finds the call. */
  tests(functions: string[]): string;
  call(fn: string): string;
  /** A text to accept. */
  text(fn: string): string;
  print(folder: string, failing: Failing[]): string;
  /** What a green run says, where its exit code alone does not; a report has none. */
  green?: string;
  report?: boolean;
}

/** The file of the failing test. */
function testOf(failing: Failing): string {
  return failing.stack[failing.stack.length - 1]!.file;
}

/** `CartTest` for tests/CartTest.php. */
function classOf(failing: Failing): string {
  return testOf(failing).split('/').pop()!.split('.')[0]!;
}

const js = {
  languageId: 'typescript',
  source: 'src/cart.ts',
  testFile: 'test/cart.test.ts',
  file: (functions: string[]) =>
    functions.map((fn) => `export function ${fn}(items: Item[]) {\n  return \n}\n`).join('\n'),
  open: (fn: string) => `export function ${fn}(items: Item[]) {\n  return `,
  tests: (functions: string[]) =>
    functions.map((fn) => `it('case of ${fn.length}', () => {\n  check(${fn}([1, 2]), 3);\n});\n`).join('\n'),
  call: (fn: string) => `  check(${fn}([1, 2]), 3);`,
  text: (fn: string) => `items.reduce((sum, item) => sum + item.${fn}Price, 0);`,
};
const frames = (folder: string, f: Failing, one: (fn: string, path: string, line: number) => string) =>
  f.stack.map(({ fn, file, line }) => one(fn, `${folder}/${file}`, line)).join('\n');

const mocha: Style = {
  ...js,
  name: 'mocha',
  command: 'npx mocha',
  print: (folder, list) =>
    `\n\n  0 passing (9ms)\n  ${list.length} failing\n\n${list
      .map(
        (f, i) =>
          `  ${i + 1}) suite\n       ${f.test}:\n     ${f.message}\n${frames(folder, f, (fn, path, line) => `      at ${fn} (file://${path}:${line}:9)`)}\n      at process.processImmediate (node:internal/timers:483:21)\n`,
      )
      .join('\n')}\n`,
};

const jest: Style = {
  ...js,
  name: 'jest',
  command: 'npx jest',
  print: (_, list) =>
    `FAIL ${js.testFile}\n${list
      .map(
        (f) =>
          `  ● suite › ${f.test}\n\n    ${f.message}\n\n      4 |\n    > 5 | ${f.code}\n        |   ^\n\n${f.stack.map(({ fn, file, line }) => `      at ${fn} (${file}:${line}:9)`).join('\n')}\n`,
      )
      .join(
        '\n',
      )}\nTest Suites: 1 failed, 1 total\nTests:       ${list.length} failed, ${list.length} total\n`,
};

const vitest: Style = {
  ...js,
  name: 'vitest',
  command: 'npx vitest run',
  print: (_, list) =>
    ` RUN  v3.2.7 /project\n\n${list
      .map(
        (f) =>
          ` FAIL  ${testOf(f)} > suite > ${f.test}\n${f.message}\n${f.stack.map(({ fn, file, line }) => ` ❯ ${fn} ${file}:${line}:9`).join('\n')}\n      5| ${f.code}\n\n⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯\n`,
      )
      .join('\n')}\n Test Files  1 failed (1)\n      Tests  ${list.length} failed (${list.length})\n`,
};

const tap: Style = {
  ...js,
  name: 'node:test',
  command: 'node --test',
  print: (folder, list) =>
    `TAP version 13\n${list
      .map(
        (f, i) =>
          `# Subtest: ${f.test}\nnot ok ${i + 1} - ${f.test}\n  ---\n  duration_ms: 1\n  error: '${f.message}'\n  name: 'AssertionError'\n  stack: |-\n${frames(folder, f, (fn, path, line) => `    ${fn} (file://${path}:${line}:9)`)}\n  ...\n`,
      )
      .join('')}1..${list.length}\n# tests ${list.length}\n# pass 0\n# fail ${list.length}\n`,
};

const py = {
  languageId: 'python',
  source: 'shop/cart.py',
  testFile: 'tests/test_cart.py',
  file: (functions: string[]) => functions.map((fn) => `def ${fn}(items):\n    return \n`).join('\n\n'),
  open: (fn: string) => `def ${fn}(items):\n    return `,
  tests: (functions: string[]) =>
    functions.map((fn) => `def test_case_${fn.length}():\n    assert ${fn}([1, 2]) == 3\n`).join('\n\n'),
  call: (fn: string) => `    assert ${fn}([1, 2]) == 3`,
  text: (fn: string) => `sum(item.${fn}_price for item in items)`,
};

const pytest: Style = {
  ...py,
  name: 'pytest',
  command: 'pytest',
  print: (_, list) =>
    `============================= test session starts ==============================\ncollected ${list.length} items\n\n=================================== FAILURES ===================================\n${list
      .map(
        (f) =>
          `________________ ${f.test} ________________\n\n    def ${f.test}():\n>   ${f.code}\n\n${[
            ...f.stack,
          ]
            .reverse()
            .map(
              ({ file, line }, i, all) =>
                `${file}:${line}: ${i === all.length - 1 ? f.message.split(':')[0] : ''}`,
            )
            .join('\n_ _ _ _ _ _ _ _ _\n\n')}\nE       ${f.message}\n`,
      )
      .join(
        '',
      )}=========================== short test summary info ============================\n${list.map((f) => `FAILED ${testOf(f)}::${f.test} - ${f.message}`).join('\n')}\n========================= ${list.length} failed in 0.10s ==========================\n`,
};

const unittest: Style = {
  ...py,
  name: 'unittest',
  command: 'python -m unittest',
  print: (folder, list) =>
    `${list
      .map(
        (f) =>
          `======================================================================\nFAIL: ${f.test} (tests.${classOf(f)}.Case.${f.test})\n----------------------------------------------------------------------\nTraceback (most recent call last):\n${[
            ...f.stack,
          ]
            .reverse()
            .map(({ fn, file, line }) => `  File "${folder}/${file}", line ${line}, in ${fn}\n    some code`)
            .join('\n')}\n${f.message}\n\n`,
      )
      .join(
        '',
      )}----------------------------------------------------------------------\nRan ${list.length} tests in 0.003s\n\nFAILED (failures=${list.length})\n`,
};

const go: Style = {
  name: 'go',
  command: 'go test ./...',
  languageId: 'go',
  source: 'cart.go',
  testFile: 'cart_test.go',
  file: (functions) =>
    `package cart\n\n${functions.map((fn) => `func ${fn}(items []Item) int {\n\treturn \n}\n`).join('\n')}`,
  open: (fn) => `func ${fn}(items []Item) int {\n\treturn `,
  tests: (functions) =>
    `package cart\n\n${functions.map((fn) => `func TestCase${fn.length}(t *testing.T) {\n\tif got := ${fn}(items); got != 3 {\n\t\tt.Errorf("got %d, want 3", got)\n\t}\n}\n`).join('\n')}`,
  call: (fn) => `\tif got := ${fn}(items); got != 3 {`,
  text: (fn) => `len(items) * items[0].${fn}Price`,
  print: (folder, list) =>
    `${list
      .map((f) =>
        f.stack.length > 1
          ? `--- FAIL: ${f.test} (0.00s)\npanic: ${f.message} [recovered]\n\ngoroutine 9 [running]:\ntesting.tRunner.func1()\n\t/usr/lib/go-1.19/src/testing/testing.go:1399 +0x39f\n${f.stack.map(({ fn, file, line }) => `example.com/cart.${fn}(...)\n\t${folder}/${file}:${line} +0x1d`).join('\n')}\n`
          : `--- FAIL: ${f.test} (0.00s)\n    ${f.stack[0]!.file}:${f.stack[0]!.line}: ${f.message}\n`,
      )
      .join('')}FAIL\nFAIL\texample.com/cart\t0.002s\nFAIL\n`,
};

const cargo: Style = {
  name: 'cargo',
  command: 'cargo test',
  languageId: 'rust',
  source: 'src/lib.rs',
  testFile: 'tests/cart.rs',
  file: (functions) => functions.map((fn) => `pub fn ${fn}(items: &[u32]) -> u32 {\n    \n}\n`).join('\n'),
  open: (fn) => `pub fn ${fn}(items: &[u32]) -> u32 {\n    `,
  tests: (functions) =>
    functions
      .map((fn) => `#[test]\nfn case_${fn.length}() {\n    assert_eq!(${fn}(&[1, 2]), 3);\n}\n`)
      .join('\n'),
  call: (fn) => `    assert_eq!(${fn}(&[1, 2]), 3);`,
  text: (fn) => `items.iter().map(|item| item.${fn}_price).sum()`,
  print: (_, list) =>
    `running ${list.length} tests\n\nfailures:\n\n${list
      .map(
        (f) =>
          `---- ${f.test} stdout ----\n\nthread '${f.test}' (12) panicked at ${f.stack[0]!.file}:${f.stack[0]!.line}:9:\n${f.message}\nstack backtrace:\n${f.stack.map(({ fn, file, line }, i) => `   ${i}: cart::${fn}\n             at ./${file}:${line}:9`).join('\n')}\n`,
      )
      .join('\n')}\nfailures:\n    x\n\ntest result: FAILED. 0 passed; ${list.length} failed; 0 ignored\n`,
};

const maven: Style = {
  name: 'maven',
  command: 'mvn test',
  languageId: 'java',
  source: 'src/main/java/shop/Cart.java',
  testFile: 'src/test/java/shop/CartTest.java',
  file: (functions) =>
    `package shop;\n\npublic class Cart {\n${functions.map((fn) => `  static int ${fn}(List<Item> items) {\n    return \n  }\n`).join('\n')}}\n`,
  open: (fn) => `  static int ${fn}(List<Item> items) {\n    return `,
  tests: (functions) =>
    `class CartTest {\n${functions.map((fn) => `  @Test\n  void case${fn.length}() {\n    assertEquals(3, Cart.${fn}(items));\n  }\n`).join('\n')}}\n`,
  call: (fn) => `    assertEquals(3, Cart.${fn}(items));`,
  text: (fn) => `items.stream().mapToInt(Item::${fn}Price).sum();`,
  print: (_, list) =>
    `[INFO] Running shop.CartTest\n[ERROR] Tests run: 3, Failures: ${list.length}, Errors: 0, Skipped: 0, Time elapsed: 0.07 s <<< FAILURE! - in shop.CartTest\n${list
      .map(
        (f) =>
          `[ERROR] ${f.test}  Time elapsed: 0.05 s  <<< FAILURE!\n${f.message}\n${f.stack.map(({ fn, file, line }) => `\tat shop.${file.split('/').pop()!.replace('.java', '')}.${fn}(${file.split('/').pop()}:${line})`).join('\n')}\n\n`,
      )
      .join(
        '',
      )}[ERROR] Tests run: 3, Failures: ${list.length}, Errors: 0, Skipped: 0\n[INFO] BUILD FAILURE\n`,
};

const rspec: Style = {
  name: 'rspec',
  command: 'bundle exec rspec',
  languageId: 'ruby',
  source: 'lib/cart.rb',
  testFile: 'spec/cart_spec.rb',
  file: (functions) =>
    `module Cart\n${functions.map((fn) => `  def self.${fn}(items)\n    \n  end\n`).join('\n')}end\n`,
  open: (fn) => `  def self.${fn}(items)\n    `,
  tests: (functions) =>
    `describe Cart do\n${functions.map((fn) => `  it "case of ${fn.length}" do\n    expect(Cart.${fn}(items)).to eq(3)\n  end\n`).join('\n')}end\n`,
  call: (fn) => `    expect(Cart.${fn}(items)).to eq(3)`,
  text: (fn) => `items.sum { |item| item.${fn}_price }`,
  print: (_, list) =>
    `F\n\nFailures:\n\n${list
      .map(
        (f, i) =>
          `  ${i + 1}) ${classOf(f).replace('_spec', '')} ${f.test}\n     Failure/Error: ${f.code}\n\n       ${f.message}\n${f.stack.map(({ fn, file, line }) => `     # ./${file}:${line}:in \`${fn}'`).join('\n')}\n`,
      )
      .join(
        '\n',
      )}\nFinished in 0.03 seconds (files took 0.1 seconds to load)\n${list.length} examples, ${list.length} failures\n`,
};

const phpunit: Style = {
  name: 'phpunit',
  command: 'vendor/bin/phpunit',
  languageId: 'php',
  source: 'src/Cart.php',
  testFile: 'tests/CartTest.php',
  file: (functions) =>
    `<?php\nclass Cart\n{\n${functions.map((fn) => `    public static function ${fn}(array $items): int\n    {\n        return \n    }\n`).join('\n')}}\n`,
  open: (fn) => `    public static function ${fn}(array $items): int\n    {\n        return `,
  tests: (functions) =>
    `<?php\nclass CartTest extends TestCase\n{\n${functions.map((fn) => `    public function testCase${fn.length}(): void\n    {\n        $this->assertEquals(3, Cart::${fn}([1, 2]));\n    }\n`).join('\n')}}\n`,
  call: (fn) => `        $this->assertEquals(3, Cart::${fn}([1, 2]));`,
  text: (fn) => `array_sum(array_column($items, '${fn}_price'));`,
  print: (folder, list) =>
    `PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\nF\n\nThere were ${list.length} failures:\n\n${list
      .map(
        (f, i) =>
          `${i + 1}) ${classOf(f)}::${f.test}\n${f.message}\n\n${frames(folder, f, (_, path, line) => `${path}:${line}`)}\n`,
      )
      .join(
        '\n',
      )}\nFAILURES!\nTests: ${list.length}, Assertions: ${list.length}, Failures: ${list.length}.\n`,
};

const markup = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');

/** A file dropped in the workspace, as jest-junit writes it. */
const junit: Style = {
  ...js,
  name: 'JUnit report',
  command: 'reports/junit.xml',
  report: true,
  print: (folder, list) =>
    `<?xml version="1.0"?>\n<testsuites tests="${list.length}" failures="${list.length}" time="0.4">\n<testsuite name="cart">\n${list
      .map(
        (f) =>
          `<testcase classname="suite" name="${f.test}" time="0.002">\n<failure>${markup(f.message)}\n${markup(frames(folder, f, (fn, path, line) => `    at ${fn} (${path}:${line}:9)`))}</failure>\n</testcase>\n`,
      )
      .join('')}</testsuite>\n</testsuites>\n`,
  green: '<testsuites tests="1"><testsuite name="cart"><testcase name="else"/></testsuite></testsuites>',
};

/** `go test -json > go-test.jsonl`. */
const goJson: Style = {
  ...go,
  name: 'go test -json report',
  command: 'go-test.jsonl',
  report: true,
  print: (folder, list) =>
    go
      .print(folder, list)
      .split('\n')
      .map((line) =>
        JSON.stringify({
          Time: '2023-11-14T22:13:20Z',
          Action: 'output',
          Package: 'example.com/cart',
          Output: `${line}\n`,
        }),
      )
      .join('\n'),
  green: [
    { Action: 'output', Package: 'p', Output: '--- PASS: TestElse (0.00s)\n' },
    { Action: 'output', Package: 'p', Output: 'ok  \tp\t0.002s\n' },
    { Action: 'pass', Package: 'p', Elapsed: 0.002 },
  ]
    .map((line) => `${JSON.stringify({ Time: '2023-11-14T22:13:20Z', ...line })}\n`)
    .join(''),
};

const gradle: Style = {
  ...maven,
  name: 'gradle',
  command: 'gradle test',
  print: (_, list) =>
    `:compileJava\n:test\n\n${list
      .map(
        (f) =>
          `shop.CartTest > ${f.test} FAILED\n    ${f.message}\n${f.stack.map(({ fn, file, line }) => `        at shop.${file.split('/').pop()!.replace('.java', '')}.${fn}(${file.split('/').pop()}:${line})`).join('\n')}\n\n`,
      )
      .join('')}${list.length} tests completed, ${list.length} failed\n\nBUILD FAILED in 1s\n`,
};

const dotnet: Style = {
  name: 'dotnet test',
  command: 'dotnet test',
  languageId: 'csharp',
  source: 'src/Cart.cs',
  testFile: 'tests/CartTests.cs',
  file: (functions) =>
    `static class Cart\n{\n${functions.map((fn) => `    public static int ${fn}(List<Item> items)\n    {\n        return \n    }\n`).join('\n')}}\n`,
  open: (fn) => `    public static int ${fn}(List<Item> items)\n    {\n        return `,
  tests: (functions) =>
    `public class CartTests\n{\n${functions.map((fn) => `    [Fact]\n    public void Case${fn.length}()\n    {\n        Assert.Equal(3, Cart.${fn}(items));\n    }\n`).join('\n')}}\n`,
  call: (fn) => `        Assert.Equal(3, Cart.${fn}(items));`,
  text: (fn) => `items.Sum(item => item.${fn}Price);`,
  print: (folder, list) =>
    `Starting test execution, please wait...\n${list
      .map(
        (f) =>
          `  Failed Shop.CartTests.${f.test} [12 ms]\n  Error Message:\n   ${f.message}\n  Stack Trace:\n${frames(folder, f, (fn, path, line) => `     at Shop.Cart.${fn}() in ${path}:line ${line}`)}\n`,
      )
      .join(
        '',
      )}\nFailed!  - Failed:     ${list.length}, Passed:     0, Skipped:     0, Total:     ${list.length}, Duration: 15 ms - Shop.dll (net8.0)\n`,
};

export const styles: Style[] = [
  ...[mocha, jest, vitest, tap, junit, pytest, unittest, go, goJson],
  ...[cargo, maven, gradle, dotnet, rspec, phpunit],
];
