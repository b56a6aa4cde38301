/** Figures of a set, by group and of all. */
import type { BenchResult } from './run';

export interface Figures {
  group: string;
  places: number;
  /** Shares in [0, 1]; null where no place asks for them. */
  shown: number | null;
  /** First line right, of all places where something is wanted. */
  right: number | null;
  /** First line right, of those shown. */
  precision: number | null;
  similarity: number | null;
  passed: number | null;
  quiet: number | null;
  /** In ms, of the whole completion with a prompt that nothing is known of. */
  p50: number;
  p90: number;
  contextTokens: number;
}

const share = <T>(all: readonly T[], holds: (one: T) => boolean): number | null =>
  all.length === 0 ? null : all.filter(holds).length / all.length;

const mean = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** One group's figures. */
function figuresOf(group: string, all: readonly BenchResult[]): Figures {
  const wanted = all.filter(({ quiet }) => !quiet);
  const shown = wanted.filter(({ text }) => text !== null);
  const tested = wanted.filter(({ passed }) => passed !== null);
  return {
    group,
    places: all.length,
    shown: share(wanted, ({ text }) => text !== null),
    right: share(wanted, ({ right }) => right),
    precision: share(shown, ({ right }) => right),
    similarity: mean(wanted.map((one) => one.similarity)),
    passed: share(tested, ({ passed }) => passed === true),
    quiet: share(
      all.filter(({ quiet }) => quiet),
      ({ text }) => text === null,
    ),
    p50: quantile(
      all.map(({ ms }) => ms),
      0.5,
    ),
    p90: quantile(
      all.map(({ ms }) => ms),
      0.9,
    ),
    contextTokens: mean(all.map((one) => one.contextTokens)) ?? 0,
  };
}

/** The figures of each group, and of all where there are several. */
export function figures(results: readonly BenchResult[]): Figures[] {
  const groups = [...new Set(results.map(({ group }) => group))].sort();
  const each = groups.map((group) =>
    figuresOf(
      group,
      results.filter((one) => one.group === group),
    ),
  );
  return groups.length > 1 ? [...each, figuresOf('all', results)] : each;
}

const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);

export function table(all: readonly Figures[]): string {
  const head =
    '| places of | number | shown | first line right | of those shown | likeness | tests passed | quiet | p50 ms | p90 ms | context tokens |\n' +
    '|---|---|---|---|---|---|---|---|---|---|---|';
  const lines = all.map(
    (one) =>
      `| ${one.group} | ${one.places} | ${percent(one.shown)} | ${percent(one.right)} | ${percent(one.precision)} | ` +
      `${one.similarity === null ? '–' : one.similarity.toFixed(3)} | ${percent(one.passed)} | ${percent(one.quiet)} | ` +
      `${one.p50.toFixed(0)} | ${one.p90.toFixed(0)} | ${one.contextTokens.toFixed(0)} |`,
  );
  return [head, ...lines].join('\n');
}
