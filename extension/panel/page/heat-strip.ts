/**
 * The completion's tokens, coloured by their advantage: what the model, given the feedback, would raise (blue) or
 * lower (red). The sign also shows as an underline, solid or dashed, for readers who do not see the colours.
 */

import type { TokenAdvantage } from '../../../server/protocol/types';
import { h } from './dom';
import { probability, signed, visible } from './labels';

/** Nats at which the colour is full. */
const FULL = 4;
/** Below this a token is drawn as unchanged. */
const FAINT = 0.1;

export function heatStrip(tokens: readonly TokenAdvantage[]): HTMLElement {
  const detail = h('div', { class: 'token-detail', 'aria-live': 'polite' });
  const cells = tokens.map((token, index) => cell(token, index));
  let current = strongest(tokens);
  const focus = (index: number, take: boolean) => {
    current = Math.max(0, Math.min(cells.length - 1, index));
    cells.forEach((each, at) => {
      each.tabIndex = at === current ? 0 : -1;
      each.classList.toggle('current', at === current);
    });
    if (take) cells[current]?.focus();
    const token = tokens[current];
    if (token) detail.replaceChildren(...describe(token));
  };
  cells.forEach((each, index) => {
    each.addEventListener('mouseenter', () => focus(index, false));
    each.addEventListener('focus', () => focus(index, false));
    each.addEventListener('click', () => focus(index, true));
  });
  const strip = h('div', {
    class: 'heat-strip',
    role: 'group',
    'aria-label': 'Tokens of the completion; arrow keys move between them',
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[(event as KeyboardEvent).key];
      if (step === undefined) return;
      event.preventDefault();
      focus(current + step, true);
    },
  });
  tokens.forEach((token, index) => {
    strip.append(cells[index]!);
    if (token.token.includes('\n')) strip.append(h('br'));
  });
  focus(current, false);
  return h('div', {}, legend(), strip, detail);
}

function cell(token: TokenAdvantage, index: number): HTMLElement {
  const { advantage } = token;
  const side = Math.abs(advantage) < FAINT ? 'even' : advantage > 0 ? 'up' : 'down';
  const element = h(
    'span',
    {
      class: `token ${side}`,
      role: 'button',
      tabindex: -1,
      'data-index': index,
      'aria-label': `${visible(token.token)}, ${side === 'up' ? 'likelier' : side === 'down' ? 'less likely' : 'as likely'} than before`,
    },
    visible(token.token) === 'end' ? 'end' : token.token.replaceAll('\n', '↵').replaceAll('\t', '  '),
  );
  const share = Math.round(36 * Math.min(1, Math.abs(advantage) / FULL));
  element.style.setProperty('--heat', `${side === 'even' ? 0 : 12 + share}%`);
  return element;
}

function strongest(tokens: readonly TokenAdvantage[]): number {
  let best = 0;
  tokens.forEach((token, index) => {
    if (Math.abs(token.advantage) > Math.abs(tokens[best]!.advantage)) best = index;
  });
  return best;
}

function legend(): HTMLElement {
  return h(
    'div',
    { class: 'legend', 'aria-hidden': 'true' },
    h('span', {}, 'less likely'),
    h('span', { class: 'scale' }),
    h('span', {}, 'likelier, once it knows what you did'),
  );
}

function describe(token: TokenAdvantage): Node[] {
  const line = h(
    'p',
    {},
    h('code', {}, visible(token.token)),
    ` ${probability(token.studentLogProb)} → ${probability(token.teacherLogProb)}, once it knows what you did`,
  );
  return [line, details(token)];
}

/** In the field's words. */
function details(token: TokenAdvantage): HTMLElement {
  const heads = ['moved most here', 'Δ', 'before', 'told'].map((text) => h('th', { scope: 'col' }, text));
  const rows = token.alternatives.map((each) =>
    h(
      'tr',
      {},
      h('td', {}, h('code', {}, visible(each.token))),
      h('td', { class: 'number' }, signed(each.advantage)),
      h('td', { class: 'number' }, probability(each.studentLogProb)),
      h('td', { class: 'number' }, probability(each.teacherLogProb)),
    ),
  );
  return h(
    'details',
    { class: 'more' },
    h('summary', {}, 'Details'),
    h(
      'p',
      {},
      `Advantage Δ ${signed(token.advantage)} nats (colours are full at ${FULL}); log-probability `,
      `${signed(token.studentLogProb)} → ${signed(token.teacherLogProb)}`,
    ),
    rows.length === 0
      ? null
      : h('table', { class: 'figures' }, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows)),
  );
}
