/** The tab "Over time": how much was accepted, how much of that was kept, and what the rounds of training changed. */

import type { AcceptancePoint, RoundSummary } from '../../../server/protocol/types';
import { chart } from './chart';
import { debounce, h, notice } from './dom';
import { exactly, figure, percent, plural, ROUNDS } from './labels';
import { onNotification, request } from './wire';

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
      const [points, rounds] = await Promise.all([
        request('hindsight/acceptance', { bucketMs, limit: LIMIT }),
        request('hindsight/rounds', { limit: LIMIT }),
      ]);
      points.sort((left, right) => left.at - right.at);
      if (points.some((point) => point.shown > 0))
        body.replaceChildren(...view(points), ...roundsOverTime(rounds));
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
  const soon = debounce(1000, refresh);
  onNotification('hindsight/eventsChanged', soon);
  onNotification('hindsight/roundChanged', soon);
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
    `${accepted} of ${shown} shown completions were taken (${percent(rate)})` +
    (weight > 0 ? `, and ${percent(kept)} of the taken text was kept.` : '.');
  const x = points.map((point) => point.at / 1000);
  return [
    h('p', {}, sentence),
    h('h2', { class: 'plain' }, 'Taken, and kept of what was taken'),
    chart({
      label: sentence,
      x,
      time: true,
      height: 220,
      lines: [
        {
          label: 'taken',
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
    h('h2', { class: 'plain' }, 'Completions shown'),
    chart({
      label: `${shown} completions shown`,
      x,
      time: true,
      height: 150,
      lines: [{ label: 'shown', colour: 'charts-purple', values: points.map((point) => point.shown) }],
    }),
    asTable(
      ['from', 'shown', 'taken', 'kept'],
      points.map((point) => [
        exactly(point.at),
        String(point.shown),
        String(point.accepted),
        point.keptRate === null ? '–' : percent(point.keptRate),
      ]),
    ),
  ];
}

/** What each round made of the text that the developer kept: the log-probability per token before it and after it. */
function roundsOverTime(newestFirst: RoundSummary[]): HTMLElement[] {
  const rounds = newestFirst.filter((round) => round.endedAt !== null).reverse();
  if (rounds.length === 0) return [];
  const inUse = rounds.filter((round) => round.state === 'promoted').length;
  const label = `${plural(rounds.length, 'round')} of training, ${inUse} of them in use or once in use.`;
  const rows = rounds.map((round) => [
    exactly(round.startedAt),
    String(round.id),
    ROUNDS[round.state],
    String(round.events),
    figure(round.logProbBefore),
    figure(round.logProbAfter),
  ]);
  return [
    h('h2', { class: 'plain' }, 'Rounds: log-probability per token of what was kept'),
    chart({
      label,
      x: rounds.map((round) => round.startedAt / 1000),
      time: true,
      height: 180,
      lines: [
        {
          label: 'before',
          colour: 'charts-yellow',
          dash: [6, 3],
          values: rounds.map((round) => round.logProbBefore),
        },
        { label: 'after', colour: 'charts-blue', values: rounds.map((round) => round.logProbAfter) },
      ],
    }),
    asTable(['started', 'round', 'decision', 'events', 'before', 'after'], rows),
  ];
}

/** What a chart shows, for those who read rather than look. */
function asTable(titles: string[], rows: string[][]): HTMLElement {
  const heads = titles.map((text) => h('th', { scope: 'col' }, text));
  const body = rows.map((cells) => h('tr', {}, ...cells.map((cell) => h('td', { class: 'number' }, cell))));
  const table = h(
    'table',
    { class: 'figures' },
    h('thead', {}, h('tr', {}, ...heads)),
    h('tbody', {}, ...body),
  );
  return h('details', {}, h('summary', {}, 'As a table'), table);
}

function nothingYet(): HTMLElement {
  return notice(
    'Nothing shown yet',
    h('p', {}, 'Once completions have been shown, their acceptance appears here.'),
  );
}
