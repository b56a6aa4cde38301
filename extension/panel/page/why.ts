/** "Why this?": what an offer owes to what was learned, asked for by a button. */

import type { EventStory } from '../../../server/protocol/types';
import type { WhyThis } from '../../../server/protocol/why';
import { h } from './dom';
import { heatStrip } from './heat-strip';
import { percent } from './labels';
import { request, send } from './wire';

export function whySection({ completionId }: EventStory): HTMLElement {
  const answer = h('div', { 'aria-live': 'polite' });
  const button = h(
    'button',
    {
      class: 'secondary',
      onclick: async () => {
        button.disabled = true;
        answer.replaceChildren(h('p', { class: 'faint' }, 'Looking…'));
        try {
          answer.replaceChildren(...answered(await request('hindsight/why', { completionId })));
        } catch (error) {
          answer.replaceChildren(h('p', {}, error instanceof Error ? error.message : String(error)));
        }
        button.disabled = false;
      },
    },
    'Why This?',
  );
  return h('section', {}, h('h3', {}, 'Where it came from'), button, answer);
}

function answered(why: WhyThis): HTMLElement[] {
  const { correction } = why;
  const parts = [h('p', {}, h('strong', {}, why.sentence))];
  if (correction)
    parts.push(
      h(
        'p',
        {},
        h(
          'button',
          {
            class: 'link',
            onclick: () => send({ kind: 'open', uri: correction.uri, line: correction.line }),
          },
          `Open ${correction.path}:${correction.line + 1}`,
        ),
      ),
    );
  if (why.cause === 'base') return parts;
  return [
    ...parts,
    h(
      'p',
      { class: 'faint' },
      `Probability of the whole text: ${percent(why.without)} without what was learned, ${percent(why.with)} with it.`,
    ),
    h('details', {}, h('summary', {}, 'Token by token'), heatStrip(why.tokens)),
  ];
}
