/** The tab "Over time": how much was accepted, and how much of that was kept. */

import type { AcceptancePoint } from '../../server/protocol/types';
import { chart } from './chart';
import { debounce, h, notice } from './dom';
import { ask, hear } from './wire';
import { exactly, percent } from './words';

const HOUR = 3_600_000;
const BUCKETS: [string, number][] = [
  ['10 minutes', HOUR / 6],
  ['hour', HOUR],
  ['day', 24 * HOUR],
  ['week', 7 * 24 * HOUR],
];
const LIMIT = 120;

export function acceptanceTab(onTrouble: (message: string) => void): HTMLElement {
  let bucketMs = HOUR;
  const body = h('div', { class: 'scroll padded' });
  const refresh = async () => {
    try {
      const points = await ask('hindsight/acceptance', { bucketMs, limit: LIMIT });
      points.sort((left, right) => left.at - right.at);
      if (points.some((point) => point.shown > 0)) body.replaceChildren(...view(points));
      else body.replaceChildren(nothingYet());
    } catch (error) {
      onTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  const choice = h(
    'select',
    {
      'aria-label': 'Length of a step',
      onchange: () => {
        bucketMs = Number(choice.value);
        refresh();
      },
    },
    ...BUCKETS.map(([label, value]) => h('option', { value, selected: value === bucketMs }, `by ${label}`)),
  );
  hear('hindsight/eventsChanged', debounce(1000, refresh));
  refresh();
  return h('div', { class: 'tab-body' }, h('div', { class: 'filters' }, choice), body);
}

function view(points: AcceptancePoint[]): HTMLElement[] {
  const shown = points.reduce((sum, point) => sum + point.shown, 0);
  const accepted = points.reduce((sum, point) => sum + point.accepted, 0);
  const keptPoints = points.filter((point) => point.keptRate !== null);
  const weight = keptPoints.reduce((sum, point) => sum + point.accepted, 0);
  const kept = keptPoints.reduce((sum, point) => sum + point.keptRate! * point.accepted, 0) / weight;
  const rate = accepted / shown;
  const sentence =
    `${accepted} of ${shown} shown completions were accepted (${percent(rate)})` +
    (weight > 0 ? `, and ${percent(kept)} of the accepted text was kept.` : '.');
  const x = points.map((point) => point.at / 1000);
  return [
    h('p', {}, sentence),
    h('h3', {}, 'Accepted, and kept of the accepted'),
    chart({
      label: sentence,
      x,
      time: true,
      height: 220,
      lines: [
        {
          label: 'accepted',
          colour: 'charts-blue',
          share: true,
          values: points.map((point) => (point.shown > 0 ? point.accepted / point.shown : null)),
        },
        {
          label: 'kept',
          colour: 'charts-green',
          share: true,
          dash: [6, 3],
          values: points.map((point) => point.keptRate),
        },
      ],
    }),
    h('h3', {}, 'Completions shown'),
    chart({
      label: `${shown} completions shown`,
      x,
      time: true,
      height: 150,
      lines: [{ label: 'shown', colour: 'charts-purple', values: points.map((point) => point.shown) }],
    }),
    h('details', {}, h('summary', {}, 'As a table'), table(points)),
  ];
}

function table(points: AcceptancePoint[]): HTMLElement {
  const heads = ['from', 'shown', 'accepted', 'kept'].map((text) => h('th', { scope: 'col' }, text));
  const rows = points.map((point) =>
    h(
      'tr',
      {},
      h('td', {}, exactly(point.at)),
      h('td', { class: 'number' }, String(point.shown)),
      h('td', { class: 'number' }, String(point.accepted)),
      h('td', { class: 'number' }, point.keptRate === null ? '–' : percent(point.keptRate)),
    ),
  );
  return h('table', { class: 'figures' }, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows));
}

function nothingYet(): HTMLElement {
  return notice(
    'Nothing shown yet',
    h('p', {}, 'Once completions have been shown, their acceptance appears here.'),
  );
}
