/** The tab "Events": filters, the list newest first, and the story of the selected one. */

import { SIGNALS } from '../../../server/protocol/signals';
import type { EventFilter, EventSummary } from '../../../server/protocol/types';
import { debounce, h, notice } from './dom';
import { exactly, OUTCOMES, plural, SIGNAL_LABELS, STATUSES, when } from './labels';
import { storyView } from './story';
import { VirtualList } from './virtual-list';
import { onNotification, request } from './wire';

const ROW_HEIGHT = 70;
const PAGE_SIZE = 60;

export function eventsTab(onTrouble: (message: string) => void): HTMLElement {
  let filter: EventFilter = {};
  let selected: string | undefined;
  const count = h('span', { class: 'faint', role: 'status' });
  const detail = h('div', { class: 'detail', role: 'region', 'aria-label': 'Story of the selected event' });

  const list = new VirtualList<EventSummary>({
    label: 'Completions, newest first',
    rowHeight: ROW_HEIGHT,
    pageSize: PAGE_SIZE,
    load: async (offset, limit) => {
      const {
        total,
        events,
        languages: known,
      } = await request('hindsight/events', { filter, offset, limit });
      languages.draw(known);
      return { total, rows: events };
    },
    render: drawRow,
    keyOf: (row) => row.completionId,
    onSelect: (row) => {
      if (row.completionId !== selected) detail.scrollTop = 0;
      selected = row.completionId;
      showStory(row.completionId);
    },
    onError: onTrouble,
  });

  const showStory = async (completionId: string) => {
    try {
      const story = await request('hindsight/event', { completionId });
      if (completionId !== selected) return;
      if (story) detail.replaceChildren(storyView(story));
      else detail.replaceChildren(notice('This event is no longer stored.'));
    } catch (error) {
      onTrouble(error instanceof Error ? error.message : String(error));
    }
  };

  const refresh = async () => {
    if (!(await list.reload())) return;
    const filtered = Object.values(filter).some(Boolean);
    count.textContent = plural(list.length, 'event');
    body.classList.toggle('empty', list.length === 0);
    if (list.length > 0) {
      if (selected === undefined) list.select(0);
      return;
    }
    selected = undefined;
    detail.replaceChildren(filtered ? nothingFits() : nothingYet());
  };

  const languages = languageSelect((languageId) => {
    filter = { ...filter, languageId: languageId || undefined };
    selected = undefined;
    refresh();
  });
  const choose = <K extends 'signal' | 'outcome' | 'status'>(name: K, labels: Record<string, string>) =>
    select(name, labels, (value) => {
      filter = { ...filter, [name]: value || undefined };
      selected = undefined;
      refresh();
    });
  const path = h('input', { type: 'search', 'aria-label': 'Filter by path', placeholder: 'Path contains…' });
  path.addEventListener(
    'input',
    debounce(200, () => {
      filter = { ...filter, path: path.value || undefined };
      selected = undefined;
      refresh();
    }),
  );

  const body = h('div', { class: 'split' }, list.element, detail);
  const soon = debounce(150, refresh);
  onNotification('hindsight/eventsChanged', ({ completionIds }) => {
    soon();
    if (selected && completionIds.includes(selected)) showStory(selected);
  });
  refresh();
  return h(
    'div',
    { class: 'tab-body' },
    h(
      'div',
      { class: 'filters', role: 'search', 'aria-label': 'Filters' },
      choose('signal', SIGNAL_LABELS),
      choose('outcome', OUTCOMES),
      choose('status', STATUSES),
      languages.element,
      path,
      count,
    ),
    body,
  );
}

function drawRow(event: EventSummary, element: HTMLElement): void {
  const first = event.text.trim().split('\n')[0] || event.text || 'no longer stored';
  const marks = event.signals.map((signal) =>
    h('span', { class: `badge ${signal} ${SIGNALS[signal].tone}` }, SIGNAL_LABELS[signal]),
  );
  const outcome = event.outcome ? OUTCOMES[event.outcome] : 'offered';
  element.title = `${event.path}:${event.line + 1}\n${exactly(event.createdAt)}`;
  const where = `${event.path}:${event.line + 1}`;
  element.append(
    h(
      'div',
      { class: 'line' },
      h('code', { class: 'grow clip' }, first),
      h('span', { class: 'faint' }, when(event.createdAt)),
    ),
    h(
      'div',
      { class: 'line marks' },
      h('span', { class: `outcome ${event.outcome ?? ''}` }, outcome),
      ...marks,
    ),
    h(
      'div',
      { class: 'line' },
      // The end of a long path says most: it is clipped at its beginning.
      h('span', { class: 'faint grow clip path' }, h('bdi', {}, where)),
      event.status ? h('span', { class: `status ${event.status}` }, STATUSES[event.status]) : null,
    ),
  );
}

function select(
  name: string,
  labels: Record<string, string>,
  onChange: (value: string) => void,
): HTMLElement {
  const element = h(
    'select',
    { 'aria-label': `Filter by ${name}`, onchange: () => onChange(element.value) },
    h('option', { value: '' }, `any ${name}`),
    ...Object.entries(labels).map(([value, label]) => h('option', { value }, label)),
  );
  return element;
}

function languageSelect(onChange: (value: string) => void) {
  let drawn = '';
  const element = h('select', {
    'aria-label': 'Filter by language',
    onchange: () => onChange(element.value),
  });
  const draw = (languages: string[]) => {
    if (element.options.length > 0 && drawn === languages.join()) return;
    drawn = languages.join();
    const { value } = element;
    const options = languages.map((each) => h('option', { value: each }, each));
    element.replaceChildren(h('option', { value: '' }, 'any language'), ...options);
    element.value = languages.includes(value) ? value : '';
  };
  draw([]);
  return { element, draw };
}

function nothingYet(): HTMLElement {
  return notice(
    'Nothing stored yet',
    h(
      'ol',
      {},
      h('li', {}, 'Type in a file until grey text appears.'),
      h('li', {}, 'Take it with Tab, or refuse it with Escape.'),
      h('li', {}, 'Change it as you need it, save, and run your tests.'),
    ),
    h('p', {}, 'Each completion then shows up here, with what became of it.'),
  );
}

function nothingFits(): HTMLElement {
  return notice('No event fits these filters', h('p', {}, 'Set one of them back to “any”.'));
}
