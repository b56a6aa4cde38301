/** Karma's progress and dots reporters, whatever framework runs in the browser. */
import { blocksOf, failureFrom, messageOf, unique } from '../../blocks';
import type { RunParser } from '../../report';

/** `Chrome Headless 119.0.0.0 (Linux 0.0.0) CartService takes half FAILED` */
const BROWSER =
  /^(?:Headless ?|Mobile )?(?:Chrome|Chromium|Firefox|Safari|Edge|IE|Opera|jsdom|PhantomJS|Electron|WebKit)[A-Za-z ]{0,20} ?\d[\d.]{0,20} \([^)]{1,40}\)/;
const EXECUTED = /: Executed \d+ of \d+/;

export const karma: RunParser = {
  runner: 'karma',
  marks: /: Executed \d{1,7} of \d{1,7} .{0,120}secs|^TOTAL: \d+ (?:FAILED|SUCCESS)/,
  begins: /^\S.*INFO \[karma(?:-server)?\]: Karma v/,
  parse({ lines }) {
    // Each browser counts its own; the last line of each is its sum.
    const sums = new Map<string, string>();
    for (const line of lines) {
      const browser = BROWSER.exec(line)?.[0];
      if (browser && EXECUTED.test(line)) sums.set(browser, line.slice(line.lastIndexOf(': Executed ')));
    }
    if (sums.size === 0) return null;
    const of = (pattern: RegExp) =>
      [...sums.values()].reduce((sum, line) => sum + Number(pattern.exec(line)?.[1] ?? 0), 0);
    const failures = unique(
      blocksOf(
        lines,
        (line) => {
          const browser =
            line.endsWith(' FAILED') || line.endsWith(' ERROR') ? BROWSER.exec(line)?.[0] : undefined;
          return browser && !EXECUTED.test(line)
            ? line.slice(browser.length, line.lastIndexOf(' ')).trim() || 'error'
            : null;
        },
        (line) =>
          BROWSER.test(line) || /^(?:TOTAL:|\S.*(?:INFO|WARN|ERROR) \[)/.test(line) || /^=+ /.test(line),
      ).map(({ name, lines: own }) => failureFrom(name, own, { message: messageOf(own) })),
    );
    const ended = [...sums.values()].every(
      (line) => /Executed (\d+) of \1\b/.test(line) || /skipped|SKIPPED/.test(line),
    );
    const broken = [...sums.values()].some((line) => /\bERROR\b|DISCONNECTED/.test(line));
    const failed = of(/\((\d+) FAILED\)/);
    return {
      passed: Math.max(0, of(/Executed (\d+) of/) - failed),
      failed: Math.max(failed, failures.length),
      failures,
      passedNames: [],
      ...(broken ? { verdict: 'red' as const } : ended ? {} : { verdict: 'unknown' as const }),
    };
  },
};
