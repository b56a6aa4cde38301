/** The panel's page: its head, its tabs, and what it shows when the server is not there. */

import 'uplot/dist/uPlot.min.css';
import '../../../media/panel.css';
import type { ServerStatus } from '../../../server/protocol/types';
import { acceptanceTab } from './acceptance';
import { h } from './dom';
import { eventsTab } from './events';
import { roundsTab } from './rounds';
import { rulesTab } from './rules';
import { onGone, onNotification, request, runCommand, saved } from './wire';

const TABS: [string, string, (onTrouble: (message: string) => void) => HTMLElement][] = [
  ['events', 'Events', eventsTab],
  ['rules', 'Rules', rulesTab],
  ['rounds', 'Rounds', roundsTab],
  ['acceptance', 'Over time', acceptanceTab],
];

const trouble = h('div', { class: 'trouble', role: 'alert', hidden: true });
const untrusted = h(
  'div',
  { class: 'untrusted', role: 'note', hidden: true },
  'This workspace is not trusted: completions work, but nothing is stored or learned.',
);
const state = h('span', { class: 'faint grow clip', role: 'status' });
const bodies = new Map<string, HTMLElement>();
const main = h('main', {});

function showTrouble(message: string): void {
  trouble.hidden = false;
  trouble.replaceChildren(
    h('span', { class: 'grow' }, message),
    h('button', { onclick: () => runCommand('restartServer') }, 'Restart Server'),
    h('button', { class: 'secondary', onclick: () => runCommand('showLog') }, 'Show Log'),
  );
}

function showStatus(status: ServerStatus): void {
  const wasGone = !trouble.hidden;
  trouble.hidden = true;
  untrusted.hidden = status.trusted;
  const adapter = status.adapter === null ? 'nothing learned yet' : 'with what was learned';
  const progress =
    status.activity === 'training' ? `learning, ${Math.round(100 * (status.progress ?? 0))} % · ` : '';
  state.textContent = `${progress}${status.model} on ${status.device} · ${adapter} · ${status.readyEvents} to learn from`;
  state.title = state.textContent;
  if (status.activity === 'error') showTrouble(status.message);
  else if (wasGone) {
    // What was requested while the server was away has failed: request it again.
    bodies.clear();
    select(saved.get().tab ?? 'events');
  }
}

function select(name: string): void {
  const tab = TABS.find(([id]) => id === name) ?? TABS[0]!;
  const [id, , make] = tab;
  saved.set({ tab: id });
  for (const button of tabs.children) {
    const chosen = button.id === `tab-${id}`;
    button.setAttribute('aria-selected', String(chosen));
    (button as HTMLElement).tabIndex = chosen ? 0 : -1;
  }
  let body = bodies.get(id);
  if (!body) {
    body = make(showTrouble);
    bodies.set(id, body);
  }
  body.setAttribute('role', 'tabpanel');
  body.setAttribute('aria-labelledby', `tab-${id}`);
  main.replaceChildren(body);
}

function moveTab(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const at = TABS.findIndex(([id]) => document.activeElement?.id === `tab-${id}`);
  const next = TABS[(at + step + TABS.length) % TABS.length]![0];
  select(next);
  document.getElementById(`tab-${next}`)?.focus();
}

const tabs = h(
  'div',
  {
    class: 'tabs',
    role: 'tablist',
    'aria-label': 'Hindsight',
    onkeydown: (event) => moveTab(event as KeyboardEvent),
  },
  ...TABS.map(([id, label]) =>
    h('button', { id: `tab-${id}`, class: 'tab', role: 'tab', onclick: () => select(id) }, label),
  ),
);

const title = h('h1', { class: 'unseen' }, 'Hindsight: Feedback');
document
  .getElementById('app')!
  .append(h('header', { class: 'top' }, title, tabs, state), trouble, untrusted, main);
onNotification('hindsight/statusChanged', showStatus);
onGone(showTrouble);
select(saved.get().tab ?? 'events');
request('hindsight/status', null).then(showStatus, (error: Error) => showTrouble(error.message));
