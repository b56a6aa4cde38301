/** Cypress: mocha's reporter once for each spec file. */
import type { RunParser } from '../../report';
import { readMocha } from './mocha';

const SPEC = / {1,120}\(\d+ of \d+\)$/;

export const cypress: RunParser = {
  runner: 'cypress',
  // Mocha's own lines too: what stands between them is told here.
  marks:
    /^ {2}Running: {2}\S.* \(\d+ of \d+\)$|^ {2}\(Run Starting\)|^ {2}\((?:Results|Run Finished)\)|^ {2}\d+ (?:passing|failing)\b/,
  begins: /^ {2}\(Run Starting\)/,
  ends: /^ {2}\(Run Finished\)/,
  wraps: ['mocha'],
  parse({ lines }) {
    const starts = lines.flatMap((line, i) =>
      line.startsWith('  Running:  ') && SPEC.test(line) ? [i] : [],
    );
    if (starts.length === 0) return null;
    const specs = starts.map((from, i) => {
      const own = lines.slice(from + 1, starts[i + 1]);
      return { file: lines[from]!.slice(12).replace(SPEC, '').trim(), result: readMocha(own) };
    });
    const results = specs.map((spec) => spec.result);
    return {
      passed: results.every((one) => one.passed === null)
        ? null
        : results.reduce((sum, one) => sum + (one.passed ?? 0), 0),
      failed: results.reduce((sum, one) => sum + (one.failed ?? 0), 0),
      failures: specs.flatMap(({ file, result }) => result.failures.map((failure) => ({ ...failure, file }))),
      passedNames: specs.flatMap(({ file, result }) => result.passedNames.map((name) => `${file} ${name}`)),
      // A spec that was cut off has not been counted.
      ...(results.some((one) => one.passed === null) && results.every((one) => !one.failed)
        ? { verdict: 'unknown' as const }
        : {}),
    };
  },
};
