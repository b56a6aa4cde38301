/** What is a test's own code, and what is the code under test. */

/** Names of test files in the usual runners' conventions. */
const NAME =
  /(?:[._-](?:[Tt]ests?|[Ss]pecs?|e2e|cy)\.[^./\\]+$)|(?:^|[\\/])(?:test|tests|spec)[._-][^\\/]*$|[a-z0-9](?:Tests?|Spec|IT|TestCase)\.[^./\\]+$|_(?:test|tests|spec)\.[^./\\]+$/;
const FOLDER = /(?:^|[\\/])(?:tests?|specs?|__tests__|e2e|cypress)[\\/]/i;

/** A line that begins a test, or one that marks the next as one. */
const BEGINS = /^\s*(?:it|test|def|func|fn|@Test|public)\b/;
const IS_TEST =
  /^\s*(?:(?:it|test|specify|scenario)\b(?:\.\w+)*\s*[("'`]|(?:async\s+)?def\s+test|func\s+Test\w*\s*\(|@(?:Parameterized)?Test\b|#\[(?:\w+::)*test\b|\[(?:Fact|Theory|Test|TestMethod)\b|(?:public\s+)?function\s+test)/;
/** The lines above a place that are looked at for the beginning of its test. */
const REACH = 12;
/** A test may be longer than what its code is looked at for. */
const FAR = 80;
const MOST_CHARACTERS = 400;

/** Whether a file holds tests, by its path. */
export function isTestFile(path: string): boolean {
  const tail = path.slice(-MOST_CHARACTERS);
  return NAME.test(tail) || FOLDER.test(tail);
}

/**
 * The code around a line, from where its test begins.
 * @param line from 0
 */
export function testAt(lines: readonly string[], line: number): { code: string; isTest: boolean } {
  let from = line;
  while (from > 0 && line + 1 - from < REACH && !BEGINS.test(lines[from] ?? '')) {
    from--;
  }
  return { code: lines.slice(from, line + 2).join('\n'), isTest: isInTest(lines, line) };
}

/** Whether the nearest less indented line above begins a test, through inner blocks. */
function isInTest(lines: readonly string[], line: number): boolean {
  const indentOf = (text: string) => text.length - text.trimStart().length;
  let indent = indentOf(lines[line] ?? '') + 1;
  for (let i = line; i >= 0 && line - i < FAR && indent > 0; i--) {
    const text = (lines[i] ?? '').slice(0, MOST_CHARACTERS);
    if (text.trim() === '' || indentOf(text) >= indent) {
      continue;
    }
    indent = indentOf(text);
    // An attribute stands in a line of its own above the function.
    const above = (lines[i - 1] ?? '').slice(0, MOST_CHARACTERS);
    if (IS_TEST.test(text) || (IS_TEST.test(above) && /^\s*[@#[]/.test(above))) {
      return true;
    }
  }
  return false;
}
