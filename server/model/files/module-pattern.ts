/**
 * PEFT's patterns of module names (`alpha_pattern`), which it takes for regular expressions. They come with foreign
 * adapters, so they are not run as such: what such patterns are made of is matched step by step, in time that grows with
 * the pattern's length times the name's.
 */

interface Step {
  matches(character: string): boolean;
  /** Fewest times, 0 or 1, and whether any number more. */
  least: 0 | 1;
  more: boolean;
}

/** Longest pattern that is looked at; module names are far shorter. */
const longest = 500;

/**
 * Matches the pattern at the end of a module's name, from its start or from a dot on, as PEFT does.
 *
 * @returns undefined for a pattern with more than characters, `.`, `\d`, `[0-9]`, escapes, `*`, `+` and `?`
 */
export function modulePattern(pattern: string): ((module: string) => boolean) | undefined {
  if (pattern.length > longest) return undefined;
  const fromStart = pattern.startsWith('^');
  const steps = parse(pattern.slice(fromStart ? 1 : 0).replace(/(?<!\\)\$$/, ''));
  if (!steps) return undefined;
  return (module) => {
    // True where the steps so far may have ended.
    let reached = Array.from({ length: module.length + 1 }, (_, i) =>
      i === 0 ? true : !fromStart && module[i - 1] === '.',
    );
    for (const step of steps) reached = advance(module, reached, step);
    return reached[module.length]!;
  };
}

function advance(module: string, reached: readonly boolean[], step: Step): boolean[] {
  const next = reached.map((here) => here && step.least === 0);
  for (let i = 0; i < module.length; i++) {
    const before = reached[i]! || (step.more && next[i]!);
    if (before && step.matches(module[i]!)) next[i + 1] = true;
  }
  return next;
}

function parse(text: string): Step[] | undefined {
  const steps: Step[] = [];
  // What is left over by the last alternative is no part of these patterns.
  const parts = /\\d|\[0-9\]|\\[^A-Za-z0-9]|[^\\[\](){}|*+?^$]|[\s\S]/gy;
  for (const [part] of text.matchAll(parts)) {
    const last = steps.at(-1);
    if (part === '*' || part === '+' || part === '?') {
      if (!last || last.more || last.least === 0) return undefined;
      if (part !== '+') last.least = 0;
      if (part !== '?') last.more = true;
    } else if (part === '\\d' || part === '[0-9]') steps.push(step((c) => c >= '0' && c <= '9'));
    else if (part === '.') steps.push(step(() => true));
    else if (part.length === 2) steps.push(step((c) => c === part[1]));
    else if ('\\[](){}|^$'.includes(part)) return undefined;
    else steps.push(step((c) => c === part));
  }
  return steps;
}

const step = (matches: Step['matches']): Step => ({ matches, least: 1, more: false });
