/** What was offered against what was kept, in one text. */

import { diffWordsWithSpace } from 'diff';
import { h } from './dom';

/** Word-wise difference is quadratic at worst; texts beyond this are shown one after the other. */
const MAXIMUM_LENGTH = 8000;
/** With less than this in common, words woven into each other are harder to read than the two texts. */
const MINIMUM_COMMON = 0.5;

interface Part {
  value: string;
  removed: boolean;
  added: boolean;
}

export function textDiff(offered: string, kept: string): HTMLElement {
  const parts = partsOf(offered, kept);
  const block = h('pre', { class: 'code', 'aria-label': 'Difference between the offered and the kept text' });
  for (const { value, removed, added } of parts) {
    if (removed) block.append(h('del', {}, value));
    else if (added) block.append(h('ins', {}, value));
    else block.append(value);
  }
  return block;
}

function partsOf(offered: string, kept: string): Part[] {
  const apart = [
    { value: `${offered}\n`, removed: true, added: false },
    { value: kept, removed: false, added: true },
  ];
  const length = offered.length + kept.length;
  if (length > MAXIMUM_LENGTH) return apart;
  const woven: Part[] = diffWordsWithSpace(offered, kept);
  const common = woven.filter((part) => !part.removed && !part.added);
  const share = (2 * common.reduce((sum, part) => sum + part.value.length, 0)) / Math.max(1, length);
  return share < MINIMUM_COMMON ? apart : woven;
}
