/** The tab "Rules": what corrections have in common, and what the developer decides about it. */

import type { RuleChange, RulePlace, RuleView } from '../../../server/protocol/rules';
import { debounce, h, notice } from './dom';
import { exactly, plural } from './labels';
import { onNotification, request, send } from './wire';

export function rulesTab(onTrouble: (message: string) => void): HTMLElement {
  const body = h('div', { class: 'rules' });
  const said = h('span', { class: 'faint', role: 'status' });
  /** The rule whose sentence is being edited: the list is not drawn anew meanwhile. */
  let editing: string | null = null;

  const draw = (rules: RuleView[]) => {
    const focused = document.activeElement?.id ?? '';
    const shown = rules.filter(({ state }) => state !== 'deleted');
    const deleted = rules.filter(({ state }) => state === 'deleted');
    body.replaceChildren(
      ...(shown.length > 0 ? shown.map((rule) => ruleView(rule)) : [nothingYet()]),
      ...(deleted.length > 0 ? [deletedView(deleted)] : []),
    );
    if (focused) document.getElementById(focused)?.focus();
  };
  const ask = async (rules: Promise<RuleView[]>) => {
    try {
      draw(await rules);
    } catch (error) {
      onTrouble(error instanceof Error ? error.message : String(error));
    }
  };
  const refresh = () => (editing === null ? ask(request('hindsight/rules', null)) : undefined);
  const change = async (key: string, what: RuleChange, sentence: string) => {
    editing = null;
    await ask(request('hindsight/changeRule', { key, change: what }));
    said.textContent = sentence;
  };

  const ruleView = (rule: RuleView): HTMLElement => {
    const { key, state, count } = rule;
    const isOn = state === 'on';
    const sentence = h('div', { class: 'line' });
    const read = () => {
      editing = null;
      sentence.replaceChildren(
        h('span', { class: rule.sentence ? 'grow' : 'grow faint' }, rule.sentence ?? 'No sentence yet.'),
        h(
          'button',
          { id: `edit-${key}`, class: 'secondary', onclick: edit },
          rule.sentence ? 'Edit' : 'Say It in a Sentence',
        ),
      );
    };
    const edit = () => {
      editing = key;
      const input = h('input', { type: 'text', class: 'grow', 'aria-label': 'The rule in a sentence' });
      input.value = rule.sentence ?? '';
      const form = h(
        'form',
        {
          class: 'line grow',
          onsubmit: (event) => {
            event.preventDefault();
            change(key, { sentence: input.value }, 'The sentence is stored.');
          },
          onkeydown: (event) => {
            if ((event as KeyboardEvent).key === 'Escape') read();
          },
        },
        input,
        h('button', { type: 'submit' }, 'Store'),
      );
      sentence.replaceChildren(form);
      input.focus();
    };
    read();
    return h(
      'article',
      { class: isOn ? 'rule' : 'rule off', 'aria-label': `Rule: ${rule.to}` },
      formView(rule),
      sentence,
      h(
        'div',
        { class: 'line' },
        h(
          'button',
          {
            id: `switch-${key}`,
            class: 'secondary',
            role: 'switch',
            'aria-checked': String(isOn),
            onclick: () =>
              change(
                key,
                { state: isOn ? 'off' : 'on' },
                isOn
                  ? `Off: ${plural(count, 'correction')} of it will not be learned or recalled; what was learned of it goes with the next round.`
                  : 'On: its corrections count again.',
              ),
          },
          isOn ? 'On' : 'Off',
        ),
        h('span', { class: 'grow' }),
        h(
          'button',
          {
            id: `delete-${key}`,
            class: 'secondary',
            'aria-label': `Delete the rule ${rule.to}`,
            onclick: () =>
              change(key, { state: 'deleted' }, 'Deleted. It is kept below, should you want it back.'),
          },
          'Delete',
        ),
      ),
      placesView(rule),
    );
  };

  const deletedView = (rules: RuleView[]): HTMLElement =>
    h(
      'details',
      { class: 'rule' },
      h('summary', {}, `${plural(rules.length, 'deleted rule')}`),
      ...rules.map((rule) =>
        h(
          'div',
          { class: 'line' },
          h('div', { class: 'grow' }, formView(rule)),
          h(
            'button',
            {
              class: 'secondary',
              'aria-label': `Bring the rule ${rule.to} back`,
              onclick: () => change(rule.key, { state: 'on' }, 'The rule is back, and on.'),
            },
            'Bring Back',
          ),
        ),
      ),
    );

  onNotification('hindsight/eventsChanged', debounce(500, refresh));
  refresh();
  return h(
    'div',
    { class: 'tab-body' },
    h(
      'div',
      { class: 'filters' },
      h('span', { class: 'faint' }, 'Corrections that say the same are one rule.'),
      said,
    ),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Rules' }, body),
  );
}

function formView({ from, to }: RuleView): HTMLElement {
  return h(
    'p',
    { class: 'form' },
    ...(from === null
      ? []
      : [
          h('code', {}, from),
          h('span', { 'aria-hidden': 'true' }, ' → '),
          h('span', { class: 'unseen' }, ' becomes '),
        ]),
    h('code', {}, h('strong', {}, to)),
  );
}

function placesView({ places, count }: RuleView): HTMLElement {
  const more = count - places.length;
  return h(
    'details',
    {},
    h('summary', {}, plural(count, 'correction')),
    h(
      'ul',
      {},
      ...places.map((place) =>
        h('li', {}, placeLink(place), h('span', { class: 'faint' }, ` ${exactly(place.at)}`)),
      ),
      more > 0 && h('li', { class: 'faint' }, `and ${more} more`),
    ),
  );
}

function placeLink({ uri, path, line }: RulePlace): HTMLElement {
  return h(
    'button',
    { class: 'link', onclick: () => send({ kind: 'open', uri, line }) },
    `${path}:${line + 1}`,
  );
}

function nothingYet(): HTMLElement {
  return notice(
    'No rule yet',
    h(
      'p',
      {},
      'Where two of your corrections say the same, in whatever names, they are shown here as one rule: you can put it into a sentence, or switch it off.',
    ),
  );
}
