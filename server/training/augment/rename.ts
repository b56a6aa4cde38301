/**
 * The same correction with other names: identifiers that are declared near the cursor and occur in the kept text are
 * renamed alike in the code and in the text. They are the developer's to choose, so the lesson is the same one; but what
 * a few corrections have in common by chance (`loadUser`, `id`) can no longer be learned instead of it.
 */

import type { Random } from '../../base/random';
import type { LearningEvent } from '../../store/records';
import { nearbyNames } from '../../syntax/nearby-names';

/** Names of the developer's own choosing that the kept text repeats. */
export function sharedNames(event: Pick<LearningEvent, 'prefix' | 'solution'>): string[] {
  const used = new Set(event.solution?.match(/[A-Za-z_$][\w$]*/g) ?? []);
  return nearbyNames(event.prefix)
    .map(({ name }) => name)
    .filter((name) => used.has(name))
    .reverse();
}

/** Words to make names of. */
export class NameSource {
  private readonly words: string[];

  /** @param texts code whose words new names are made of */
  constructor(texts: readonly string[]) {
    const found = new Set<string>();
    for (const text of texts) {
      for (const word of text.match(/[A-Z]?[a-z]{3,9}/g) ?? []) found.add(word.toLowerCase());
      if (found.size > 2000) break;
    }
    this.words = [...found];
  }

  get isEmpty(): boolean {
    return this.words.length < 20;
  }

  /** A name of the same style: as many words, joined in the same way. */
  like(name: string, source: Random): string {
    const humps = name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [name];
    const words = humps.map(() => this.words[source.below(this.words.length)]!);
    if (name.includes('_')) return words.join('_');
    const pascal = /^[A-Z]/.test(name);
    return words.map((word, i) => (i > 0 || pascal ? word[0]!.toUpperCase() + word.slice(1) : word)).join('');
  }
}

/** The event with every shared name renamed; null where there is none. */
export function renamed(event: LearningEvent, names: NameSource, source: Random): LearningEvent | null {
  if (event.solution === null || names.isEmpty) return null;
  const shared = sharedNames(event);
  if (shared.length === 0) return null;
  const map = new Map(shared.map((name) => [name, names.like(name, source)]));
  const replace = (text: string) => text.replace(/[A-Za-z_$][\w$]*/g, (word) => map.get(word) ?? word);
  return {
    ...event,
    prefix: replace(event.prefix),
    context: event.context?.map((part) => ({ ...part, text: replace(part.text) })),
    suffix: replace(event.suffix),
    text: replace(event.text),
    solution: replace(event.solution),
  };
}
