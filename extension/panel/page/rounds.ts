/** The tab "Rounds": what each round of training did, with its figures, and the way back. */

import { roundWords } from '../../../server/protocol/round-words';
import type { RoundSummary } from '../../../server/protocol/types';
import { chart } from './chart';
import { h, notice } from './dom';
import { duration, exactly, figure, percent, plural, ROUNDS, signed } from './labels';
import { onNotification, request, runCommand } from './wire';

const LIMIT = 50;

export function roundsTab(onTrouble: (message: string) => void): HTMLElement {
  const body = h('div', { class: 'rounds' });
  let rounds: RoundSummary[] = [];

  const draw = () => {
    if (rounds.length === 0) body.replaceChildren(nothingYet());
    else body.replaceChildren(...rounds.map((round, index) => roundView(round, index === 0)));
  };
  const refresh = async () => {
    try {
      rounds = await request('hindsight/rounds', { limit: LIMIT });
      draw();
    } catch (error) {
      onTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  onNotification('hindsight/roundChanged', (round) => {
    const at = rounds.findIndex((each) => each.id === round.id);
    if (at < 0) rounds.unshift(round);
    else rounds[at] = round;
    draw();
    // The end of a round changes the state of others too.
    if (round.state !== 'running') refresh();
  });
  refresh();
  return h(
    'div',
    { class: 'tab-body' },
    h(
      'div',
      { class: 'filters' },
      h('button', { onclick: () => runCommand('trainNow') }, 'Train Now'),
      h('button', { class: 'secondary', onclick: () => runCommand('rollBack') }, 'Roll Back'),
      h('span', { class: 'faint' }, 'Roll Back undoes what the last round learned.'),
    ),
    h('div', { class: 'scroll' }, body),
  );
}

function roundView(round: RoundSummary, open: boolean): HTMLElement {
  const length = round.seconds === null ? '' : ` · ${duration(1000 * round.seconds)}`;
  return h(
    'details',
    { class: 'round', open },
    h(
      'summary',
      {},
      h('strong', {}, `Round ${round.id}`),
      h('span', { class: `badge ${round.state}` }, ROUNDS[round.state]),
      h(
        'span',
        { class: 'faint' },
        `${exactly(round.startedAt)} · ${plural(round.events, 'event')}${length}`,
      ),
    ),
    h('p', {}, roundWords(round)),
    h(
      'details',
      { class: 'more' },
      h('summary', {}, 'Details'),
      h('p', {}, round.message),
      figures(round),
      round.steps.length > 0 ? losses(round) : null,
      decisions(round),
    ),
  );
}

function figures(round: RoundSummary): HTMLElement {
  const entries: [string, string][] = [];
  if (round.adapter !== null) entries.push(['adapter', String(round.adapter)]);
  if (round.logProbBefore !== null && round.logProbAfter !== null) {
    const change = signed(round.logProbAfter - round.logProbBefore);
    const before = figure(round.logProbBefore);
    entries.push([
      'log-probability per token of what was kept',
      `${before} → ${figure(round.logProbAfter)} (${change})`,
    ]);
  }
  if (round.distillationShare !== null)
    entries.push(['share of distillation in the gradient', percent(round.distillationShare)]);
  return h('dl', {}, ...entries.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

function losses(round: RoundSummary): HTMLElement {
  const { steps } = round;
  const first = steps[0]!;
  const last = steps.at(-1)!;
  return chart({
    label: `Loss over ${steps.length} steps, from ${figure(first.loss)} to ${figure(last.loss)}`,
    x: steps.map((step) => step.step),
    time: false,
    height: 190,
    lines: [
      { label: 'loss', colour: 'charts-blue', values: steps.map((step) => step.loss) },
      {
        label: 'distillation',
        colour: 'charts-purple',
        values: steps.map((step) => step.distillation),
        dash: [6, 3],
      },
      {
        label: 'kept text',
        colour: 'charts-green',
        values: steps.map((step) => step.crossEntropy),
        dash: [2, 3],
      },
      {
        label: 'anchor',
        colour: 'charts-yellow',
        values: steps.map((step) => step.anchor),
        dash: [8, 3, 2, 3],
      },
    ],
  });
}

function decisions(round: RoundSummary): HTMLElement | null {
  if (round.decisions.length === 0) return null;
  const heads = ['check', 'result', 'value', 'threshold', 'note'].map((text) =>
    h('th', { scope: 'col' }, text),
  );
  const rows = round.decisions.map((each) =>
    h(
      'tr',
      {},
      h('td', {}, each.name),
      h('td', {}, each.passed ? '✓ passed' : '✗ not passed'),
      h('td', { class: 'number' }, figure(each.value)),
      h('td', { class: 'number' }, figure(each.threshold)),
      h('td', {}, each.note),
    ),
  );
  return h('table', { class: 'figures' }, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows));
}

function nothingYet(): HTMLElement {
  return notice(
    'No round yet',
    h(
      'p',
      {},
      'A round of training runs by itself while the machine is idle and there is enough to learn from, or when you press Train Now.',
    ),
  );
}
