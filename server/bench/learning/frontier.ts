/** The frontier as a picture: what each arm learned against what it forgot, drawn by ECharts without a browser. */
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import type { CellResult } from './benchmark';
import { type Interval, summarise } from './report';

use([CustomChart, LineChart, ScatterChart, GridComponent, TitleComponent, LabelLayout, SVGRenderer]);

const WIDTH = 900;
/** Of the part of one kind of feedback, and what lies above the first. */
const PART = { height: 340, above: 50, below: 56, left: 64, right: 200 };
/** Where the labels stand, one below the other: beside their points they would lie on each other. */
const LABELS_AT = WIDTH - PART.right + 28;
/** One for each kind of feedback; told apart by those who see no red or green too. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

interface Point {
  label: string;
  mode: string;
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
    ({ arm, events, mode, forgetting, gain }): Point => ({
      label: `${arm} (${events})`,
      mode,
      forgetting,
      gain,
    }),
  );
  const parts = [...new Set(points.map(({ mode }) => mode))].map((mode, index) => ({
    mode,
    points: points.filter((point) => point.mode === mode),
    color: COLOURS[index % COLOURS.length]!,
    top: index * PART.height + PART.above,
  }));
  const height = Math.max(1, parts.length) * PART.height;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  const forgetting = points.map((point) => point.forgetting);
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: [
      { text: title, left: 8, top: 4, textStyle: { fontSize: 15 } },
      ...parts.map(({ mode, color, top }) => ({
        text: `feedback: ${mode}`,
        left: PART.left,
        top: top - 20,
        textStyle: { fontSize: 12, color },
      })),
    ],
    grid: parts.map(({ top }) => ({
      left: PART.left,
      right: PART.right,
      top,
      height: PART.height - PART.above - PART.below,
    })),
    xAxis: parts.map((_, index) => axis(index, 'forgetting, bits per byte on ordinary code', 28, forgetting)),
    yAxis: parts.map((part, index) =>
      axis(
        index,
        'gain, nats per token',
        40,
        part.points.map(({ gain }) => gain),
      ),
    ),
    series: parts.flatMap((part, index) => series(index, part.points, part.color)),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return asPicture(svg, title);
}

/** With its name for those who cannot see it, and without the styles of hovering that a still picture has no use for. */
function asPicture(svg: string, title: string): string {
  const name = title.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>\s*/g, '')
    .replace(/<svg[^>]*>/, (tag) => `${tag}\n<title>${name}</title>`);
}

/** An axis that holds zero and the intervals too, of which the chart itself knows nothing; it begins and ends at a tick. */
function axis(gridIndex: number, name: string, nameGap: number, intervals: readonly Interval[]) {
  const ends = [0, ...intervals.flatMap(({ mean, half }) => [mean - (half ?? 0), mean + (half ?? 0)])];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const interval = tickInterval(most - least || 1);
  return {
    type: 'value' as const,
    gridIndex,
    name,
    nameGap,
    nameLocation: 'middle' as const,
    interval,
    min: Math.floor(least / interval) * interval,
    max: Math.ceil(most / interval) * interval,
    axisLabel: { formatter: (value: number) => String(Number(value.toFixed(4))) },
  };
}

/** 1, 2 or 5 times a power of ten, so that a range has about eight ticks. */
function tickInterval(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range / 8));
  const ratio = range / 8 / power;
  return power * (ratio < 1.5 ? 1 : ratio < 3 ? 2 : ratio < 7 ? 5 : 10);
}

function series(part: number, points: readonly Point[], color: string) {
  const at = ({ forgetting, gain }: Point) => [forgetting.mean, gain.mean];
  const place = { xAxisIndex: part, yAxisIndex: part, color };
  return [
    {
      ...place,
      type: 'scatter' as const,
      symbolSize: 9,
      data: points.map((point) => ({ value: at(point), name: point.label })),
      label: { show: true, position: 'right' as const, formatter: '{b}', fontSize: 11, minMargin: 1 },
      labelLine: { show: true, length2: 4, lineStyle: { color: '#bbb', width: 0.7 } },
      labelLayout: { x: LABELS_AT, moveOverlap: 'shiftY' as const },
    },
    {
      ...place,
      type: 'line' as const,
      data: onFrontier(points).map(at),
      symbol: 'none',
      lineStyle: { type: 'dashed' as const, width: 1 },
    },
    {
      ...place,
      type: 'custom' as const,
      data: points.map((point) => [...at(point), point.forgetting.half ?? 0, point.gain.half ?? 0]),
      renderItem: (_: unknown, api: Cross) => cross(api),
      z: 1,
    },
  ];
}

interface Cross {
  value(dimension: number): number;
  coord(point: number[]): number[];
  visual(name: 'color'): string;
}

/** Both 95 % intervals of a point. */
function cross(api: Cross) {
  const [x, y, dx, dy] = [0, 1, 2, 3].map((dimension) => api.value(dimension)) as [
    number,
    number,
    number,
    number,
  ];
  const line = (from: number[], to: number[]) => {
    const [a, b] = [api.coord(from), api.coord(to)];
    const shape = { x1: a[0]!, y1: a[1]!, x2: b[0]!, y2: b[1]! };
    return { type: 'line' as const, shape, style: { stroke: api.visual('color'), opacity: 0.4 } };
  };
  return {
    type: 'group' as const,
    children: [line([x - dx, y], [x + dx, y]), line([x, y - dy], [x, y + dy])],
  };
}
