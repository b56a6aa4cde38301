/** Line charts in the editor's colours. */

import uPlot from 'uplot';
import { h } from './dom';
import { when } from './labels';

export interface Line {
  label: string;
  /** Name of a theme colour: `charts-blue` is --vscode-charts-blue. */
  colour: string;
  values: (number | null)[];
  dash?: number[];
  /** Fixed to [0, 1] and shown in per cent. */
  share?: boolean;
}

export interface ChartOptions {
  label: string;
  x: number[];
  /** x is seconds since the epoch. */
  time: boolean;
  lines: Line[];
  height: number;
}

const charts = new Set<{ element: HTMLElement; draw: () => void }>();

/** A chart that follows its container's width and the theme. */
export function chart(options: ChartOptions): HTMLElement {
  const element = h('div', { class: 'chart', role: 'img', 'aria-label': options.label });
  let plot: uPlot | undefined;
  let drawnFor = '';
  const draw = () => {
    if (element.clientWidth === 0) return;
    plot?.destroy();
    drawnFor = theme();
    plot = new uPlot(
      settings(options, element.clientWidth),
      [options.x, ...options.lines.map((l) => l.values)],
      element,
    );
  };
  new ResizeObserver(() => {
    // The theme may have changed while its tab was away.
    if (!plot || drawnFor !== theme()) draw();
    else if (plot.width !== element.clientWidth)
      plot.setSize({ width: element.clientWidth, height: options.height });
  }).observe(element);
  charts.add({ element, draw });
  return element;
}

function theme(): string {
  return `${document.body.className} ${document.body.dataset.vscodeThemeId}`;
}

// The editor marks the body when its theme changes.
new MutationObserver(() => {
  for (const each of charts) {
    if (each.element.isConnected) each.draw();
    else charts.delete(each);
  }
}).observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--vscode-${name}`).trim() || 'gray';
}

function settings({ time, lines, height, x }: ChartOptions, width: number): uPlot.Options {
  const stroke = colour('foreground');
  const grid = { stroke: `color-mix(in srgb, ${stroke} 18%, transparent)`, width: 1 };
  const axis = { stroke, grid, ticks: grid, font: '11px sans-serif' };
  const share = lines.every((line) => line.share);
  const few = x.length < 40;
  return {
    width,
    height,
    padding: [8, 12, 0, 0],
    hooks: { ready: [quietLegend], setLegend: [quietLegend] },
    scales: {
      x: { time, range: (_, first, last) => (x.length === 1 ? around(first, time) : [first, last]) },
      y: { range: share ? [0, 1] : (_, low, high) => [Math.min(0, low), high || 1] },
    },
    axes: [
      axis,
      {
        ...axis,
        size: 56,
        ...(share ? { values: (_, ticks) => ticks.map((v) => `${Math.round(100 * v)} %`) } : {}),
      },
    ],
    series: [
      time
        ? { label: '', value: (_, at) => (at === null ? '' : when(at * 1000)) }
        : { label: 'step', value: (_, step) => (step === null ? '' : String(step)) },
      ...lines.map((line) => ({
        label: line.label,
        stroke: colour(line.colour),
        width: 2,
        dash: line.dash,
        points: { show: few, fill: colour('editor-background') },
        spanGaps: true,
        value: (_: uPlot, value: number | null) => {
          if (value === null || value === undefined) return '';
          return line.share ? `${(100 * value).toFixed(0)} %` : value.toPrecision(4);
        },
      })),
    ],
  };
}

/** Where no cursor points, the legend has names and no dashes for figures. */
function quietLegend(plot: uPlot): void {
  for (const value of plot.root.querySelectorAll('.u-value'))
    if (value.textContent === '--') value.textContent = '';
}

/** uPlot gives a single point a range of years; an hour to each side, or a step, is enough. */
function around(at: number, time: boolean): [number, number] {
  const room = time ? 3600 : 1;
  return [at - room, at + room];
}
