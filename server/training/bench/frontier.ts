/** The frontier as a picture: what each arm learned against what it forgot, drawn by ECharts without a browser. */
import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';
import type { CellResult } from './benchmark';
import { type Interval, summarise } from './report';

use([
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  LabelLayout,
  SVGRenderer,
]);

const SIZE = { width: 900, height: 560 };
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

/** SVG: forgetting to the right, gain upwards, 95 % intervals over seeds, and for each kind of feedback its frontier. */
export function frontier(results: readonly CellResult[], title: string): string {
  const points = summarise(results).map(
    ({ arm, events, mode, forgetting, gain }): Point => ({
      label: `${arm} (${events})`,
      mode,
      forgetting,
      gain,
    }),
  );
  const modes = [...new Set(points.map(({ mode }) => mode))];
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    color: COLOURS,
    title: { text: title, left: 8, top: 4, textStyle: { fontSize: 15 } },
    legend: { top: 30, data: modes },
    grid: { left: 64, right: 130, top: 64, bottom: 52 },
    xAxis: axis('forgetting, bits per byte on ordinary code', 28),
    yAxis: axis('gain on held-out places, nats per token', 40),
    series: modes.flatMap((mode, index) =>
      series(
        mode,
        points.filter((point) => point.mode === mode),
        COLOURS[index % COLOURS.length]!,
      ),
    ),
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

function axis(name: string, nameGap: number) {
  return { type: 'value' as const, name, nameGap, nameLocation: 'middle' as const, scale: true };
}

function series(mode: string, points: readonly Point[], color: string) {
  const at = ({ forgetting, gain }: Point) => [forgetting.mean, gain.mean];
  return [
    {
      name: mode,
      color,
      type: 'scatter' as const,
      symbolSize: 9,
      data: points.map((point) => ({ value: at(point), name: point.label })),
      label: { show: true, position: 'right' as const, formatter: '{b}', fontSize: 11 },
      labelLayout: { moveOverlap: 'shiftY' as const },
    },
    {
      name: mode,
      color,
      type: 'line' as const,
      data: onFrontier(points).map(at),
      symbol: 'none',
      lineStyle: { type: 'dashed' as const, width: 1 },
    },
    {
      name: mode,
      color,
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
