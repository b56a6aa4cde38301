/** The benchmark's results over seeds, and as a table. */
import type { CellResult } from './benchmark';

interface Summary {
  objective: string;
  feedback: string;
  events: number;
  runs: number;
  gain: Interval;
  exactNear: Interval;
  exactFar: Interval;
  forgetting: Interval;
  seconds: number;
  samples: number;
}

export interface Interval {
  mean: number;
  /** Half width of the 95 % interval over seeds (Student's t); null with one seed. */
  half: number | null;
}

/** Student's t at 97.5 % for 1, 2, … degrees of freedom. */
const T = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];

export function summarise(results: readonly CellResult[]): Summary[] {
  const groups = new Map<string, CellResult[]>();
  for (const result of results) {
    const key = `${result.feedback}|${result.events}|${result.objective}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].map((runs) => {
    const of = (pick: (result: CellResult) => number) => interval(runs.map(pick));
    const both = (figures: Pick<CellResult, 'near' | 'far'>) =>
      (figures.near.logProb + figures.far.logProb) / 2;
    return {
      objective: runs[0]!.objective,
      feedback: runs[0]!.feedback,
      events: runs[0]!.events,
      runs: runs.length,
      gain: of((result) => both(result) - both(result.before)),
      exactNear: of((result) => result.near.exact),
      exactFar: of((result) => result.far.exact),
      forgetting: of((result) => result.bitsPerByte.after - result.bitsPerByte.before),
      seconds: of((result) => result.seconds).mean,
      samples: of((result) => result.samples).mean,
    };
  });
}

export function interval(values: readonly number[]): Interval {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, half: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const t = T[values.length - 2] ?? 2;
  return { mean, half: t * Math.sqrt(variance / values.length) };
}

/** A Markdown table, the largest gain first within each mode and size. */
export function table(results: readonly CellResult[]): string {
  const rows = summarise(results).sort(
    (a, b) => a.feedback.localeCompare(b.feedback) || a.events - b.events || b.gain.mean - a.gain.mean,
  );
  const text = ({ mean, half }: Interval, digits: number) =>
    half === null ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${half.toFixed(digits)}`;
  return [
    '| feedback | corrections | objective | seeds | gain, nats/token | exact, same forms | exact, other forms | forgetting, bits/byte | s | samples |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.feedback} | ${row.events} | ${row.objective} | ${row.runs} | ${text(row.gain, 2)} | ${text(row.exactNear, 2)} | ` +
        `${text(row.exactFar, 2)} | ${text(row.forgetting, 3)} | ${row.seconds.toFixed(0)} | ${row.samples.toFixed(0)} |`,
    ),
  ].join('\n');
}
