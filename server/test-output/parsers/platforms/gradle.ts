/** Gradle's test tasks on the console, those of several projects side by side included. */
import { blocksOf, countOf, failureFrom } from '../../blocks';
import type { RunParser } from '../../report';

export const gradle: RunParser = {
  runner: 'gradle',
  marks: /^BUILD (?:FAILED|SUCCESSFUL) in |^(?:> Task )?:\S*[tT]est\b|^\d+ tests? completed, /,
  parse({ lines }) {
    const result = lines.findLast((line) => /^BUILD (?:FAILED|SUCCESSFUL) in /.test(line));
    const tasks = lines.filter((line) => /^(?:> Task )?:\S*[tT]est\b/.test(line));
    const failures = blocksOf(
      lines,
      (line) => nameOf(line, ' FAILED'),
      (line) => /^\S/.test(line),
    ).map((block) => failureFrom(block.name, block.lines));
    const passedNames = lines.flatMap((line) => nameOf(line, ' PASSED') ?? []);
    if (tasks.length === 0 || (!result && failures.length + passedNames.length === 0)) return null;
    const summaries = lines.filter((line) => /^\d+ tests? completed/.test(line));
    const sum = (word: string) => summaries.reduce((n, line) => n + countOf(line, word), 0);
    const failed = Math.max(sum('failed'), failures.length);
    const ran = tasks.some((line) => !/UP-TO-DATE|NO-SOURCE|FROM-CACHE|SKIPPED/.test(line));
    // The build's own line says that nothing failed.
    const green = failed === 0 && result?.includes('SUCCESSFUL') && (ran || passedNames.length > 0);
    return {
      passed:
        summaries.length > 0
          ? sum('tests? completed') - sum('failed') - sum('skipped')
          : passedNames.length || null,
      failed,
      failures,
      passedNames,
      verdict: green ? 'green' : failed > 0 ? 'red' : 'unknown',
    };
  },
};

/** `CartTest > takes half() > [2] 10 FAILED`; a task's line has no class before an arrow. */
function nameOf(line: string, end: string): string | null {
  return line.endsWith(end) && /^\S/.test(line) && line.includes(' > ') && !line.startsWith('> ')
    ? line.slice(0, -end.length)
    : null;
}
