/** Maven's surefire on the console. */
import { blocksOf, failureFrom, type Parser } from '../report';

export const maven: Parser = ({ lines }) => {
  const totals = lines.filter((line) =>
    /Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+(?!.*Time elapsed)/.test(line),
  );
  if (totals.length === 0) {
    return null;
  }
  let type = '';
  const failures = blocksOf(
    lines,
    (line) => {
      type = /Time elapsed: .*?-+ in (\S+)$|Running (\S+)$/.exec(line)?.slice(1).find(Boolean) ?? type;
      const name =
        /^(?:\[ERROR\] +)?(\S+?)(?:\(([\w.$]+)\))?(?: --)? +Time elapsed: .*<<< (?:FAILURE|ERROR)!$/.exec(
          line,
        );
      return name ? (name[1]!.startsWith(type) ? name[1]! : `${name[2] ?? type}.${name[1]}`) : null;
    },
    (line) => line.trim() === '' || /^\[(?:INFO|ERROR|WARNING)\]/.test(line),
  ).map((block) => failureFrom(block.name, block.lines, { message: block.lines[0] ?? '' }));
  const figures = (totals[totals.length - 1]!.match(/\d+/g) ?? []).map(Number);
  const [run = 0, failed = 0, errors = 0, skipped = 0] = figures;
  return {
    runner: 'maven',
    passed: run - failed - errors - skipped,
    failed: failed + errors,
    failures,
    passedNames: [],
  };
};
