/**
 * The same correction with other names: identifiers that are declared near the cursor and occur in the kept text are
 * renamed alike in the code and in the text. They are the developer's to choose, so the lesson is the same one; but what
 * a few corrections have in common by chance (`loadUser`, `id`) can no longer be learned instead of it.
 */
import type { LearningEvent } from '../feedback/types';
import type { Random } from './random';

/** Lines before the cursor in which a declaration counts as near. */
const NEAR_LINES = 12;
const DECLARATIONS = [
  /\b(?:function\*?|class|def|fn|func|const|let|var|for \(const|for \(let)\s+([A-Za-z_$][\w$]*)/g,
  /\bfor\s+([A-Za-z_]\w*)\s+in\b/g,
  /^\s*(?:(?:public|private|protected|static|async|get|set)\s+)*([A-Za-z_$][\w$]*)\s*\([^()]*\)\s*(?::[^={]+)?\{\s*$/gm,
];
/** Parameter lists of the headers above: `name(a, b: number)`. */
const HEADERS =
  /\b(?:function\*?\s*\w*|def\s+\w+|fn\s+\w+|constructor|[A-Za-z_$][\w$]*)\s*\(([^()]*)\)\s*(?::[^={]+|->[^:]+)?[{:]\s*$/gm;
const CONTROL = new Set('if for while switch catch with return self this cls constructor elif'.split(' '));

/** Names of the developer's own choosing that the kept text repeats. */
export function sharedNames(event: Pick<LearningEvent, 'prefix' | 'solution'>): string[] {
  const near = event.prefix.split('\n').slice(-NEAR_LINES).join('\n');
  const declared = new Set<string>();
  for (const pattern of DECLARATIONS) {
    for (const match of near.matchAll(pattern)) declared.add(match[1]!);
  }
  for (const match of near.matchAll(HEADERS)) {
    if (/^\s*(?:if|for|while|switch|catch|with|elif)\b/.test(match[0])) continue;
    for (const parameter of match[1]!.split(',')) {
      const name = /^\s*(?:\.\.\.|\*{0,2})([A-Za-z_$][\w$]*)/.exec(parameter)?.[1];
      if (name) declared.add(name);
    }
  }
  const used = new Set(event.solution?.match(/[A-Za-z_$][\w$]*/g) ?? []);
  return [...declared].filter((name) => used.has(name) && !CONTROL.has(name));
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
    suffix: replace(event.suffix),
    text: replace(event.text),
    solution: replace(event.solution),
  };
}
