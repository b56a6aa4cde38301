/** Jasmine's console reporter. */
import { blocksOf, countOf, dedent, failureFrom } from '../../blocks';
import type { RunParser } from '../../report';

const SUMMARY = /^\d+ specs?, \d+ failures?/;

export const jasmine: RunParser = {
  runner: 'jasmine',
  marks: SUMMARY,
  begins: /^(?:Randomized with seed \d+|Started)$/,
  parse({ lines }) {
    const summary = lines.findLast((line) => SUMMARY.test(line));
    if (!summary) return null;
    const failed = countOf(summary, 'failures?');
    const from = lines.findLastIndex((line) => line === 'Failures:' || line === 'Suite error: top suite');
    const failures = blocksOf(
      from < 0 ? [] : lines.slice(from),
      (line) => /^(?:\d+\)|Suite error:) (.*)/.exec(line)?.[1] ?? null,
      (line) => SUMMARY.test(line) || /^(?:Pending:|Finished in|Incomplete:|Ran \d+ of)/.test(line),
    ).map(({ name, lines: own }) => failureFrom(name, own, { message: message(own) }));
    return {
      passed: Math.max(0, countOf(summary, 'specs?') - failed - countOf(summary, 'pending')),
      failed: Math.max(failed, failures.length),
      failures,
      passedNames: [],
    };
  },
};

/** What stands below "Message:" and above "Stack:"; a spec may have failed several expectations. */
function message(lines: readonly string[]): string {
  let open = false;
  const own = lines.filter((line) => {
    if (/^ {2}(?:Message|Stack):$/.test(line)) open = line.includes('Message');
    return open && !line.startsWith('  Message:');
  });
  return dedent(own);
}
