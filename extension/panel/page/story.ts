/** One completion's story: where it was offered, what became of it, what the developer said about it, what was learned. */

import type { EventStory } from '../../../server/protocol/types';
import { h } from './dom';
import { heatStrip } from './heat-strip';
import {
  duration,
  exactly,
  figure,
  OUTCOMES,
  percent,
  SIGNAL_LABELS,
  SNAPSHOTS,
  STATUSES,
  THUMBS,
} from './labels';
import { textDiff } from './text-diff';
import { thumbIcon } from './thumb-icon';
import { whySection } from './why';
import { send } from './wire';

/** Lines of the prompt before and after the completion that are shown. */
const PROMPT_LINES = 8;
const SUFFIX_LINES = 3;

export function storyView(story: EventStory): HTMLElement {
  return h(
    'article',
    { class: 'story', 'aria-label': `Completion in ${story.path}, line ${story.line + 1}` },
    head(story),
    section('Offered', offered(story)),
    became(story),
    whySection(story),
    story.advantages && story.advantages.tokens.length > 0
      ? section('What it would change, token by token', learned(story.advantages))
      : null,
    feedback(story),
    gate(story),
    feedbackForm(story),
  );
}

function section(title: string, ...children: (Node | null)[]): HTMLElement {
  return h('section', {}, h('h3', {}, title), ...children);
}

function head(story: EventStory): HTMLElement {
  const { path, line, uri } = story;
  const status = story.status && h('span', { class: `badge ${story.status}` }, STATUSES[story.status]);
  return h(
    'header',
    {},
    h(
      'h2',
      {},
      h('button', { class: 'link', onclick: () => send({ kind: 'open', uri, line }) }, `${path}:${line + 1}`),
      status,
    ),
    h(
      'p',
      { class: 'faint' },
      `${exactly(story.createdAt)} · ${story.languageId} · ${duration(story.latencyMs)} · `,
      story.adapter === null ? 'base model' : 'with what was learned',
    ),
    story.reason ? h('p', {}, story.reason) : null,
  );
}

function offered(story: EventStory): HTMLElement {
  const before = story.prefix.split('\n').slice(-PROMPT_LINES).join('\n');
  const after = story.suffix.split('\n').slice(0, SUFFIX_LINES).join('\n');
  return h(
    'pre',
    { class: 'code', 'aria-label': 'End of the prompt and the completion' },
    h('span', { class: 'faint' }, before),
    h('mark', {}, story.text),
    h('span', { class: 'faint' }, after),
  );
}

function became(story: EventStory): HTMLElement {
  const start = story.createdAt;
  const steps = story.outcomes.map((each) => ({
    at: each.at,
    text: `${OUTCOMES[each.kind]}${each.confidence === 'inferred' ? ' (inferred)' : ''}`,
  }));
  for (const each of story.kept)
    steps.push({
      at: each.at,
      text: `${each.editDistance === 0 ? 'unchanged' : `${percent(1 - each.editDistance)} kept`} (${SNAPSHOTS[each.reason] ?? each.reason})`,
    });
  steps.sort((left, right) => left.at - right.at);
  const list = steps.map((step) =>
    h('li', {}, h('span', { class: 'faint' }, `+${duration(Math.max(0, step.at - start))}`), ` ${step.text}`),
  );
  const kept = story.keptText;
  let text: HTMLElement | null = null;
  if (kept !== null)
    text = kept === story.text ? h('p', {}, 'It was kept as it was.') : textDiff(story.text, kept);
  return section('What became of it', list.length > 0 ? h('ul', { class: 'timeline' }, ...list) : null, text);
}

function learned(advantages: NonNullable<EventStory['advantages']>): HTMLElement {
  const from =
    advantages.roundId === null ? 'As the model in use sees it now.' : `As of round ${advantages.roundId}.`;
  return h(
    'div',
    {},
    heatStrip(advantages.tokens),
    h('p', { class: 'faint' }, from),
    advantages.context
      ? h(
          'details',
          {},
          h('summary', {}, 'What the model was told'),
          h('pre', { class: 'code' }, advantages.context),
        )
      : null,
  );
}

function feedback(story: EventStory): HTMLElement | null {
  if (story.feedback.length === 0) return null;
  const items = story.feedback.map((each) =>
    h(
      'div',
      { class: 'feedback' },
      h(
        'p',
        {},
        h('strong', {}, SIGNAL_LABELS[each.kind]),
        h('span', { class: 'faint' }, ` ${exactly(each.at)}`),
      ),
      each.text ? h('pre', { class: 'code output', tabindex: 0 }, THUMBS[each.text] ?? each.text) : null,
    ),
  );
  return section('Feedback', ...items);
}

function gate(story: EventStory): HTMLElement | null {
  if (story.gate.length === 0) return null;
  const rows = story.gate.map((each) =>
    h(
      'tr',
      {},
      h('td', {}, each.name),
      h('td', {}, each.passed ? '✓ passed' : '✗ not passed'),
      h('td', { class: 'number' }, figure(each.value)),
      h('td', { class: 'number' }, figure(each.threshold)),
    ),
  );
  const heads = ['check', 'decision', 'value', 'threshold'].map((text) => h('th', { scope: 'col' }, text));
  const passed = story.gate.filter((each) => each.passed).length;
  return section(
    'Is it learned from?',
    h('p', {}, `${passed} of ${story.gate.length} checks passed.`),
    h(
      'details',
      { class: 'more' },
      h('summary', {}, 'Details'),
      h('table', { class: 'figures' }, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows)),
    ),
  );
}

/** Thumbs, a comment, and deletion. */
function feedbackForm(story: EventStory): HTMLElement {
  const { completionId } = story;
  const confirmation = h('span', { class: 'faint', role: 'status' });
  const sendFeedback = (text: string, thumbs: 1 | -1 | 0) => {
    send({ kind: 'feedback', completionId, text, thumbs });
    confirmation.textContent = 'Stored.';
  };
  const input = h('input', {
    type: 'text',
    class: 'grow',
    'aria-label': 'Comment on this completion',
    placeholder: 'What should it have been, and why?',
  });
  const form = h(
    'form',
    {
      class: 'line',
      onsubmit: (event) => {
        event.preventDefault();
        if (!input.value.trim()) return;
        sendFeedback(input.value.trim(), 0);
        input.value = '';
      },
    },
    input,
    h('button', { type: 'submit' }, 'Comment'),
  );
  const thumb = (value: 1 | -1, label: string) =>
    h(
      'button',
      { class: 'secondary icon', 'aria-label': label, title: label, onclick: () => sendFeedback('', value) },
      thumbIcon(value),
    );
  return section(
    'What do you think of it?',
    h(
      'div',
      { class: 'line' },
      thumb(1, 'This was good'),
      thumb(-1, 'This was not good'),
      confirmation,
      h('span', { class: 'grow' }),
      h(
        'button',
        { class: 'secondary', onclick: () => send({ kind: 'delete', completionId }) },
        'Delete this event',
      ),
    ),
    form,
  );
}
