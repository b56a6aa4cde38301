/** Gradle's test task on the console. */
import { blocksOf, countOf, failureFrom, type Parser } from '../report';

export const gradle: Parser = ({ lines }) => {
  const built = lines.some((line) => /^BUILD (?:FAILED|SUCCESSFUL) in /.test(line));
  const tests = lines.some((line) => /^(?:> Task )?:\S*[tT]est\b/.test(line));
  if (!built || !tests) {
    return null;
  }
  const failures = blocksOf(
    lines,
    (line) => /^(\S.* > .*?) FAILED$/.exec(line)?.[1] ?? null,
    (line) => /^\S/.test(line),
  ).map((block) => failureFrom(block.name, block.lines));
  const passedNames = lines.flatMap((line) => /^(\S.* > .*?) PASSED$/.exec(line)?.[1] ?? []);
  const summary = lines.findLast((line) => /^\d+ tests? completed/.test(line));
  const failed = summary ? countOf(summary, 'failed') : failures.length;
  return {
    runner: 'gradle',
    passed: summary
      ? countOf(summary, 'tests? completed') - failed - countOf(summary, 'skipped')
      : passedNames.length || null,
    failed,
    failures,
    passedNames,
  };
};
