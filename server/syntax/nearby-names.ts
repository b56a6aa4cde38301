/** Names that are declared near a cursor, found by the forms of declarations in the languages that are common. */

/** Lines before the cursor in which a declaration counts as near. */
const NEAR_LINES = 12;
/** Declarations of what is called or made, and of what holds a value. */
const CALLABLES = [
  /\b(?:function\*?|class|def|fn|func)\s+([A-Za-z_$][\w$]*)/g,
  /\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*(?:async\s*)?(?:function\b|\([^()]*\)\s*(?::[^={]+)?=>|[\w$]+\s*=>)/g,
  /^[ \t]*(?:(?:public|private|protected|static|async|get|set)\s{1,20}){0,5}([A-Za-z_$][\w$]*)\s{0,20}\([^()]{0,500}\)\s{0,20}(?::[^={]{1,200})?\{\s{0,20}$/gm,
];
const VALUES = [
  /\b(?:const|let|var|for \(const|for \(let)\s+([A-Za-z_$][\w$]*)/g,
  /\bfor\s+([A-Za-z_]\w*)\s+in\b/g,
];
/** Parameter lists of the headers above: `name(a, b: number)`, `(a, b) => {`. */
const HEADERS =
  /\(([^()]{0,500})\)\s{0,20}(?::[^={]{1,200})?=>\s{0,20}\{?\s{0,20}$|(?<![\w$])(?:function\*?\s{0,20}\w*|def\s{1,20}\w+|fn\s{1,20}\w+|constructor|[A-Za-z_$][\w$]*)\s{0,20}\(([^()]{0,500})\)\s{0,20}(?::[^={]{1,200}|->[^:]{1,200})?[{:]\s{0,20}$/gm;
const CONTROL = new Set('if for while switch catch with return self this cls constructor elif'.split(' '));

/** A name declared before the cursor. */
export interface NearbyName {
  name: string;
  /** Of a function, method or class, rather than of something that holds a value. */
  callable: boolean;
}

/** Names that are declared in the lines before the cursor, the last declared first. */
export function nearbyNames(prefix: string): NearbyName[] {
  const near = prefix.split('\n').slice(-NEAR_LINES).join('\n');
  const declared = new Map<string, { at: number; callable: boolean }>();
  const add = (name: string, at: number, callable: boolean) => {
    if (CONTROL.has(name)) return;
    const known = declared.get(name);
    declared.set(name, { at: Math.max(at, known?.at ?? 0), callable: known?.callable ?? callable });
  };
  for (const [patterns, callable] of [
    [CALLABLES, true],
    [VALUES, false],
  ] as const) {
    for (const pattern of patterns) {
      for (const { 0: whole, 1: name = '', index } of near.matchAll(pattern))
        add(name, index + whole.lastIndexOf(name), callable);
    }
  }
  for (const match of near.matchAll(HEADERS)) {
    if (/^\s*(?:if|for|while|switch|catch|with|elif)\b/.test(match[0])) continue;
    const parameters = match[1] ?? match[2]!;
    let at = match.index + match[0].indexOf(parameters);
    for (const parameter of parameters.split(',')) {
      const name = /^\s*(?:\.\.\.|\*{0,2})([A-Za-z_$][\w$]*)/.exec(parameter)?.[1];
      if (name) add(name, at + parameter.indexOf(name), false);
      at += parameter.length + 1;
    }
  }
  return [...declared]
    .sort(([, a], [, b]) => b.at - a.at)
    .map(([name, { callable }]) => ({ name, callable }));
}
