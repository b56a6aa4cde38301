/** PHPUnit's default printer and --testdox. */
import { blocksOf, failureFrom, listedNames, type Parser, unique } from '../report';

export const phpunit: Parser = ({ lines }) => {
  const ok = lines.find((line) => /^OK(?:, but .*| \(\d+ tests?, \d+ assertions?\))/.test(line));
  const counts = lines.find((line) => /^Tests: \d+, Assertions: \d+/.test(line));
  if (!ok && !counts) {
    return null;
  }
  const listed = blocksOf(
    lines,
    (line) => /^\d+\) (\S+::.*)$/.exec(line)?.[1] ?? null,
    (line) => /^(?:--|ERRORS!|FAILURES!|There (?:was|were) \d+ .*)$/.test(line),
  ).map((block) => failureFrom(block.name, block.lines, { message: message(block.lines) }));
  const total = Number(
    /(\d+) tests?|Tests: (\d+)/
      .exec(ok ?? counts ?? '')
      ?.slice(1)
      .find(Boolean) ?? 0,
  );
  const failed = ['Errors', 'Failures'].reduce(
    (sum, key) => sum + Number(new RegExp(`${key}: (\\d+)`).exec(counts ?? '')?.[1] ?? 0),
    0,
  );
  return {
    runner: 'phpunit',
    passed: total - failed,
    failed,
    failures: listed.length > 0 ? listed : testdox(lines),
    passedNames: listedNames(lines, /^ [✔✓] (.*?)(?: \[[\d.]+ ms\])?$/, ' > ', (line) =>
      /^[A-Z][\w\\ ]*(?: \([\w\\]+\))?$/.test(line),
    ),
  };
};

/** Up to the first place, which PHPUnit puts in a line of its own. */
function message(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^\S+\.php:\d+$/.test(line));
  return lines.slice(0, end < 0 ? 20 : end).join('\n');
}

/** Failures as a tree of boxes under their test. */
function testdox(lines: readonly string[]) {
  let group = '';
  const blocks = blocksOf(
    lines,
    (line) => {
      group = /^([A-Z][\w\\ ]*)$/.exec(line)?.[1] ?? group;
      const name = /^ ✘ (.*?)(?: \[[\d.]+ ms\])?$/.exec(line)?.[1];
      return name === undefined ? null : `${group} > ${name}`;
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
