/** PHPUnit's default printer and --testdox; Pest's own printer is read by pest.ts. */
import { blocksOf, countAfter, countOf, failureFrom, listedNames, unique, withoutTime } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const END =
  /^(?:--|ERRORS!|FAILURES!|WARNINGS!)$|^(?:There (?:was|were) \d+ |OK, but |Generating code coverage )/;

export const phpunit: RunParser = {
  runner: 'phpunit',
  marks: /^OK(?:, but .*| \(\d+ tests?, \d+ assertions?\))|^Tests: \d+, Assertions: \d+/,
  begins: /^PHPUnit \d[\d.]* by /,
  parse({ lines }) {
    const ok = lines.find((line) => /^OK(?:, but| \(\d+ tests?)/.test(line));
    const counts = lines.find((line) => /^Tests: \d+, Assertions: \d+/.test(line)) ?? '';
    const listed = blocksOf(
      lines,
      (line) => /^\d+\) (\S+::.*)/.exec(line)?.[1] ?? null,
      (line) => END.test(line),
    ).map((block) => failureFrom(block.name, block.lines, { message: message(block.lines) }));
    const total = countAfter(counts, 'Tests') || countOf(ok ?? '', 'tests?');
    const failed = countAfter(counts, 'Errors') + countAfter(counts, 'Failures');
    return {
      passed: total - failed - countAfter(counts, 'Skipped') - countAfter(counts, 'Incomplete'),
      failed,
      failures: failed === 0 ? [] : listed.length > 0 ? listed.slice(0, Math.max(failed, 1)) : testdox(lines),
      passedNames: listedNames(lines, /^ [✔✓] (.*)/, ' > ', (line) =>
        /^[A-Z][\w\\ ]*(?: \([\w\\]+\))?$/.test(line),
      ),
    };
  },
};

/** Up to the first place, which PHPUnit puts in a line of its own. */
function message(lines: readonly string[]): string {
  const end = lines.findIndex(
    (line) => /^(?:\/|[A-Za-z]:\\|phar:|phpvfs).*\.php:\d+$/.test(line) || /^\S+\.php:\d+$/.test(line),
  );
  return lines.slice(0, end < 0 ? 20 : end).join('\n');
}

/** Failures as a tree of boxes under their test. */
function testdox(lines: readonly string[]): TestFailure[] {
  let group = '';
  const blocks = blocksOf(
    lines,
    (line) => {
      group = /^([A-Z][\w\\ ]*)$/.exec(line)?.[1] ?? group;
      const name = /^ ✘ (.*)/.exec(line)?.[1];
      return name === undefined ? null : `${group} > ${withoutTime(name)}`;
    },
    (line) => !/^ {3}[┐├│╵┴]/.test(line),
  );
  return unique(
    blocks.map(({ name, lines: own }) => {
      const text = own.map((line) => line.replace(/^ {3}[┐├│╵┴] ?/, ''));
      return failureFrom(name, text, { message: message(text) });
    }),
  );
}
