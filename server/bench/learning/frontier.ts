/** The frontier as a picture: what each objective learned against what it forgot. */
import type { CellResult } from './benchmark';
import { type Interval, summarise } from './report';

const WIDTH = 900;
/** Of the part of one kind of feedback, and what lies around its plot. */
const PART = { height: 340, above: 50, below: 56, left: 64, right: 200 };
/** Where the labels stand, one below the other: beside their points they would lie on each other. */
const LABELS_AT = WIDTH - PART.right + 28;
const LABEL_HEIGHT = 13;
/** One for each kind of feedback; told apart by those who see no red or green too. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

interface Point {
  label: string;
  feedback: string;
  forgetting: Interval;
  gain: Interval;
}

/** Points that no other beats in both: less forgotten and more learned. */
export function onFrontier<T extends Pick<Point, 'forgetting' | 'gain'>>(points: readonly T[]): T[] {
  const beats = (a: T, b: T) =>
    a.forgetting.mean <= b.forgetting.mean &&
    a.gain.mean >= b.gain.mean &&
    (a.forgetting.mean < b.forgetting.mean || a.gain.mean > b.gain.mean);
  return points
    .filter((one) => !points.some((other) => beats(other, one)))
    .sort((a, b) => a.forgetting.mean - b.forgetting.mean);
}

/** SVG, a part for each kind of feedback: forgetting to the right, gain upwards, 95 % intervals over seeds, and the frontier. */
export function frontier(results: readonly CellResult[], title: string): string {
  const points = summarise(results).map(
    ({ objective, events, ...rest }): Point => ({ label: `${objective} (${events})`, ...rest }),
  );
  const kinds = [...new Set(points.map(({ feedback }) => feedback))];
  const height = Math.max(1, kinds.length) * PART.height;
  // All parts share the axis of forgetting, so that they can be compared.
  const forgetting = axis(points.map((point) => point.forgetting));
  const parts = kinds.map((kind, index) => {
    const own = points.filter(({ feedback }) => feedback === kind);
    return part(kind, own, forgetting, index * PART.height, COLOURS[index % COLOURS.length]!);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(8, 20, title, 'font-size="15" font-weight="bold"'),
    ...parts.flat(),
    '</svg>',
    '',
  ].join('\n');
}

interface Axis {
  min: number;
  max: number;
  ticks: number[];
}

/** An axis that holds zero and the intervals, and begins and ends at a tick. */
function axis(intervals: readonly Interval[]): Axis {
  const ends = [0, ...intervals.flatMap(({ mean, half }) => [mean - (half ?? 0), mean + (half ?? 0)])];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const step = tickInterval(most - least || 1);
  const [first, last] = [Math.floor(least / step), Math.ceil(most / step)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return { min: first * step, max: last * step, ticks };
}

/** 1, 2 or 5 times a power of ten, so that a range has about eight ticks. */
function tickInterval(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range / 8));
  const ratio = range / 8 / power;
  return power * (ratio < 1.5 ? 1 : ratio < 3 ? 2 : ratio < 7 ? 5 : 10);
}

/** One kind of feedback: its axes, points, intervals, labels and frontier. */
function part(kind: string, points: Point[], across: Axis, top: number, colour: string): string[] {
  const [left, right] = [PART.left, WIDTH - PART.right];
  const [high, low] = [top + PART.above, top + PART.height - PART.below];
  const up = axis(points.map(({ gain }) => gain));
  const x = (value: number) => left + ((value - across.min) / (across.max - across.min)) * (right - left);
  const y = (value: number) => low - ((value - up.min) / (up.max - up.min)) * (low - high);
  const out = [
    text(left, high - 20, `feedback: ${kind}`, `font-size="12" font-weight="bold" fill="${colour}"`),
  ];
  for (const tick of across.ticks) {
    out.push(line(x(tick), high, x(tick), low, tick === 0 ? '#666' : '#e4e4e4'));
    out.push(text(x(tick), low + 16, number(tick), 'font-size="11" text-anchor="middle"'));
  }
  for (const tick of up.ticks) {
    out.push(line(left, y(tick), right, y(tick), tick === 0 ? '#666' : '#e4e4e4'));
    out.push(text(left - 8, y(tick) + 4, number(tick), 'font-size="11" text-anchor="end"'));
  }
  const middle = (high + low) / 2;
  out.push(
    text(
      (left + right) / 2,
      low + 36,
      'forgetting, bits per byte on ordinary code',
      'font-size="12" text-anchor="middle"',
    ),
    text(
      18,
      middle,
      'gain, nats per token',
      `font-size="12" text-anchor="middle" transform="rotate(-90 18 ${middle})"`,
    ),
  );
  for (const { forgetting, gain } of points) {
    const [dx, dy] = [forgetting.half ?? 0, gain.half ?? 0];
    const [cx, cy] = [x(forgetting.mean), y(gain.mean)];
    out.push(line(x(forgetting.mean - dx), cy, x(forgetting.mean + dx), cy, colour, 'stroke-opacity="0.4"'));
    out.push(line(cx, y(gain.mean - dy), cx, y(gain.mean + dy), colour, 'stroke-opacity="0.4"'));
    out.push(`<circle cx="${round(cx)}" cy="${round(cy)}" r="4.5" fill="${colour}"/>`);
  }
  const best = onFrontier(points).map(
    ({ forgetting, gain }) => `${round(x(forgetting.mean))},${round(y(gain.mean))}`,
  );
  out.push(`<polyline points="${best.join(' ')}" fill="none" stroke="${colour}" stroke-dasharray="4 3"/>`);
  return [...out, ...labels(points, x, y)];
}

/** Labels in one column, from top to bottom in the order of their points, none upon another. */
function labels(points: Point[], x: (value: number) => number, y: (value: number) => number): string[] {
  const out: string[] = [];
  let free = -Infinity;
  for (const { label, forgetting, gain } of [...points].sort((a, b) => b.gain.mean - a.gain.mean)) {
    const at = Math.max(y(gain.mean), free);
    free = at + LABEL_HEIGHT;
    out.push(line(x(forgetting.mean) + 6, y(gain.mean), LABELS_AT - 4, at, '#bbb', 'stroke-width="0.7"'));
    out.push(text(LABELS_AT, at + 4, label, 'font-size="11"'));
  }
  return out;
}

const round = (value: number) => Number(value.toFixed(2));
const number = (value: number) => String(Number(value.toFixed(4)));
const escaped = (value: string) => value.replace(/&/g, '&amp;').replace(/</g, '&lt;');

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string, attributes = ''): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}" ${attributes}/>`;
}
