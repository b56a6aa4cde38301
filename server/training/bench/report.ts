/** The benchmark's results as a table, and as the frontier: what was learned against what was forgotten. */
import type { CellResult } from './benchmark';

interface Summary {
  arm: string;
  mode: string;
  events: number;
  runs: number;
  gain: Interval;
  exactNear: Interval;
  exactFar: Interval;
  forgetting: Interval;
  seconds: number;
  samples: number;
}

interface Interval {
  mean: number;
  /** Half width of the 95 % interval over seeds (Student's t); null with one seed. */
  half: number | null;
}

/** Student's t at 97.5 % for 1, 2, … degrees of freedom. */
const T = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];

export function summarise(results: readonly CellResult[]): Summary[] {
  const groups = new Map<string, CellResult[]>();
  for (const result of results) {
    const key = `${result.mode}|${result.events}|${result.arm}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].map((runs) => {
    const of = (pick: (result: CellResult) => number) => interval(runs.map(pick));
    const both = (figures: CellResult['after']) => (figures.near.logProb + figures.far.logProb) / 2;
    return {
      arm: runs[0]!.arm,
      mode: runs[0]!.mode,
      events: runs[0]!.events,
      runs: runs.length,
      gain: of((result) => both(result.after) - both(result.before)),
      exactNear: of((result) => result.after.near.exact),
      exactFar: of((result) => result.after.far.exact),
      forgetting: of((result) => result.bitsAfter - result.bitsBefore),
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
    (a, b) => a.mode.localeCompare(b.mode) || a.events - b.events || b.gain.mean - a.gain.mean,
  );
  const text = ({ mean, half }: Interval, digits: number) =>
    half === null ? mean.toFixed(digits) : `${mean.toFixed(digits)} ± ${half.toFixed(digits)}`;
  return [
    '| feedback | corrections | arm | seeds | gain, nats/token | exact, same forms | exact, other forms | forgetting, bits/byte | s | samples |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.mode} | ${row.events} | ${row.arm} | ${row.runs} | ${text(row.gain, 2)} | ${text(row.exactNear, 2)} | ` +
        `${text(row.exactFar, 2)} | ${text(row.forgetting, 3)} | ${row.seconds.toFixed(0)} | ${row.samples.toFixed(0)} |`,
    ),
  ].join('\n');
}

const WIDTH = 760;
const HEIGHT = 460;
const MARGIN = { left: 64, right: 150, top: 28, bottom: 52 };

/** The frontier as SVG: forgetting to the right, gain upwards; the dashed line joins what nothing else beats in both. */
export function frontier(results: readonly CellResult[], title: string): string {
  const points = summarise(results).map((row) => ({
    label: `${row.arm} (${row.events}, ${row.mode})`,
    x: row.forgetting.mean,
    y: row.gain.mean,
  }));
  const xs = [0, ...points.map(({ x }) => x)];
  const ys = [0, ...points.map(({ y }) => y)];
  const scale = (values: number[], from: number, to: number) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = (high - low || 1) * 0.06;
    return (value: number) => from + ((value - low + room) / (high - low + 2 * room || 1)) * (to - from);
  };
  const x = scale(xs, MARGIN.left, WIDTH - MARGIN.right);
  const y = scale(ys, HEIGHT - MARGIN.bottom, MARGIN.top);
  const best = points
    .filter((one) => !points.some((other) => other !== one && other.x <= one.x && other.y >= one.y))
    .sort((a, b) => a.x - b.x);
  const ticks = (values: number[], count = 5) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
  };
  const plain = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${MARGIN.left}" y="18" font-size="14">${plain(title)}</text>`,
    ...ticks(xs).map(
      (value) =>
        `<line x1="${x(value)}" x2="${x(value)}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}" stroke="#ddd"/>` +
        `<text x="${x(value)}" y="${HEIGHT - MARGIN.bottom + 16}" text-anchor="middle">${value.toFixed(3)}</text>`,
    ),
    ...ticks(ys).map(
      (value) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>` +
        `<text x="${MARGIN.left - 6}" y="${y(value) + 4}" text-anchor="end">${value.toFixed(1)}</text>`,
    ),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 14}" text-anchor="middle">forgetting, bits per byte</text>`,
    `<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">gain, nats per token</text>`,
    `<polyline fill="none" stroke="#888" stroke-dasharray="4 3" points="${best.map((p) => `${x(p.x)},${y(p.y)}`).join(' ')}"/>`,
    ...points.map(
      (point) =>
        `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="4" fill="${best.includes(point) ? '#0a6' : '#36c'}"/>` +
        `<text x="${x(point.x) + 7}" y="${y(point.y) + 4}">${plain(point.label)}</text>`,
    ),
    '</svg>',
  ].join('\n');
}
