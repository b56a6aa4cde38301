/** Where the value of a name stands: the shapes of assignments, calls, elements, flags and sentences. */

import { bare, bareUntil, lineEnd, quoted, type Value } from './literals';

/** How far from its name a value is looked for, in characters. */
export const REACH = 400;

/** How far on its line other strings are looked at. */
const STRINGS_REACH = 240;

/** `:=`, `==`, `=>`, `:` and whatever else stands between a name and its value. */
const ASSIGNMENT =
  /(?:\\{0,3}["'`])?\]?(?:\[\d{0,6}\])?(?:\*\*)?[ \t]{0,40}\??(?::=|=>|={1,3}|!={1,2}|::|[:：]|%3[Dd]|->|<-|\?=|\|\|=|\?\?=)(?:\*\*)?[ \t]{0,40}/y;
/** `: string = `, `: &str = `, `: Optional[str] = `. */
const ANNOTATION = /(?:&?(?:'static )?[A-Za-z_][\w.<>[\]?| &]{0,40}?)[ \t]{0,4}=(?![=>])[ \t]{0,40}/y;
const LINE_BREAK = /(?:[|>][+-]?\d?|\\|\()?[ \t]{0,20}(?:\r?\n)[ \t]{0,40}/y;
/** Up to two calls around the literal, and its prefix: `String::from(b"…`, `new SecureString("…`. */
const OPENING =
  /(?:new\s{1,4})?(?:[\w.:&[\]<>]{1,40}\(\s{0,20}){0,2}[bBrRuUfFLN@$]{0,2}(\\{0,3}(?:"""|'''|\[\[|["'`“„«])|&quot;|&#3[49];|&apos;)/y;
/** Calls that make something of the literal itself rather than look it up by it. */
const CONSTRUCTOR =
  /(?:str|string|bytes?|from|of|secret\w{0,40}|secure\w{0,40}|password\w{0,40}|new|some|ok|quote|encode|buffer|char|value)(?:<[^<>]{0,80}>)?\(\s*[bBrRuUfFLN@$]{0,2}.{1,6}$/i;
const CALL =
  /(?:["'`])?[ \t]{0,4}\(\s{0,40}(?:[\w.]{1,40}[ \t]{0,4},[ \t]{0,4}|(?:new\s{1,4})?[\w.:]{1,40}\(\s{0,20})?[bBrRuUfFLN@$]{0,2}(\\{0,3}["'`])/y;
/** Functions that take the name of a secret, or another thing, and answer with it. */
const GETTER =
  /(?:^|[._-])(?:get|has|is|find|fetch|read|load|look|parse|require|next|expect|match|consume|peek|skip|make|create|resolve|describe|list|delete|remove|revoke|decode|encode)[^.]*$/i;
const NEXT_ARGUMENT = /\\{0,3}["'`][ \t]{0,20}(?:\)[ \t]{0,4})?,\s{0,40}[bBrRuUfFLN@$]{0,2}(\\{0,3}["'`])/y;
const BLANK_QUOTED =
  /[ \t]{1,20}(?:(?:by|for|to)[ \t]{1,4}(?:[\w'@%.]{1,60}[ \t]{0,4}[= ][ \t]{0,4})?)?([“„"'`])/iy;
const BLANK_BARE = /[ \t]{1,20}(?:\d[ \t]{1,4})?(?=[^\s=:({[<>|&"'`])/y;
const ELEMENT =
  /["']?(?:\s{1,20}[\w:-]{1,40}\s{0,4}=\s{0,4}["'][^"'<>]{0,80}["']){0,4}\s{0,20}(?:>|&gt;)\s{0,80}(?:<(?:value|string|val|data)[^<>]{0,40}>\s{0,80}|<!\[CDATA\[)?(?=[^<>\s])/iy;
const ATTRIBUTE =
  /["'](?:\s{1,20}(?!value)[\w:-]{1,40}\s{0,4}=\s{0,4}["'][^"'<>]{0,80}["']){0,3}\s{1,20}(?:value|val|content|default)\s{0,4}=\s{0,4}(["'])/iy;
const PROPERTY_LIST = /<\/\w{1,20}>\s{0,80}<[\w:]{1,20}[^<>]{0,40}>(?=[^<>\s])/y;
const SHELL_DEFAULT = /(?::[-=+?]?|[-=+])(?=[^}\s=])/y;
/** What says that a bare word behind the name is its value: a line of a .netrc or a Dockerfile. */
const TELLS_PASSWORD =
  /(?:^|\n)\s{0,40}(?:ENV|ARG|SetEnv|setenv|(?:fastcgi|uwsgi|scgi)_param)\s{1,40}$|\b(?:login|machine|user(?:name)?|account)\s{1,40}\S{1,80}\s{1,40}$/;
/** `name: X` and `value: Y` beside each other, and a block with a default. */
const PARTNER =
  /["'`]?[ \t]{0,20}(?:[,{;][^{}]{0,160}?|\r?\n[ \t]{0,40}(?:[\w-]{1,30}:[^\n]{0,60}\n[ \t]{0,40}){0,2})\\{0,3}["']?\b(?:value|default|val|defaultvalue|parametervalue|plaintext|stringvalue)\\{0,3}["']?[ \t]{0,10}[:=]>?[ \t]{0,10}/iy;
/** `the password for the shop is …`, `密码是…`. */
const SENTENCE =
  /(?:[ \t]{1,4}[\w'’.-]{1,24}){0,5}?[ \t]{0,4}(?:\([^()\n]{0,40}\)[ \t]{0,4})?(?:[ \t](?:(?:is|was|has been) (?:changed|set|reset) to|is now|is|was|are|will be|ist|lautet|es|est|è|är|jest|e|to)(?![a-z])[ \t]*[:=]?|[ \t]?[—–→|](?=[ \t])|[\t;,](?=\S)|[:：]|是|为|為|は|은|는|이)[ \t]{0,10}/y;
/** Before a text that counts where a lookup finds nothing. */
const FALLBACK =
  /(?:\|\||\?\?|\?:|\bor|\belse|unwrap_or\w{0,8}\(|default\w{0,20}\(|\b[Ff]allback\(|[)\]]\s?:)\s{0,4}[bBrRuUfFLN@$]{0,2}$/i;
const STRING = /(\\{0,3})(["'`])((?:(?!\1\2)[^\n]){4,200}?)\1\2/g;
const COMPARED = /(["'`])([^"'`\n]{4,200})\1\s{0,4}(?:[!=]={1,2}|\.equals\()\s{0,4}[\w.$]{0,40}$/;

/** A name, and the text behind it as far as it is looked at. */
interface Place {
  text: string;
  /** Of the name, in the text. */
  start: number;
  end: number;
  reach: string;
  /** `--password` or `/password`. */
  isFlag: boolean;
}

/** Matches at one place of what stands behind the name. */
function at(pattern: RegExp, reach: string, from = 0): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(reach);
}

/**
 * The ways to put a value right behind its name. The first whose sign is there says where the value is, or that there is none
 * (null); undefined leaves it to the next.
 */
const SHAPES: readonly ((place: Place) => Value | null | undefined)[] = [
  function shellDefault({ text, start, reach }) {
    const match = text.startsWith('${', start - 2) ? at(SHELL_DEFAULT, reach) : null;
    return match ? bareUntil(reach, match[0].length, /[}\s]/) : undefined;
  },
  function assignment(place) {
    const match = at(ASSIGNMENT, place.reach);
    return match ? assignedValue(place, match[0]) : undefined;
  },
  function argument({ text, start, reach, end }) {
    const match = at(CALL, reach);
    const value = match ? quoted(reach, match[0].length, match[1]!) : undefined;
    return value ? { ...value, near: !GETTER.test(text.slice(start, end)) } : value;
  },
  function nextArgument({ reach, isFlag }) {
    const match = at(NEXT_ARGUMENT, reach);
    const value = match ? quoted(reach, match[0].length, match[1]!) : undefined;
    // What a setting is where nothing else is said.
    return value ? { ...value, near: isFlag || hasDigit(reach, value) } : value;
  },
  function attribute({ reach }) {
    const match = at(ATTRIBUTE, reach);
    return match ? quoted(reach, match[0].length, match[1]!) : undefined;
  },
  function element({ reach }) {
    const match = at(ELEMENT, reach) ?? at(PROPERTY_LIST, reach);
    return match ? bareUntil(reach, match[0].length, /[<>\n]|\]\]|&[lg]t;/) : undefined;
  },
  function quotedBehindBlank({ reach }) {
    const match = at(BLANK_QUOTED, reach);
    return match ? quoted(reach, match[0].length, match[1]!) : undefined;
  },
  function bareBehindBlank({ text, start, reach, isFlag }) {
    const match = at(BLANK_BARE, reach);
    const value = match ? bareUntil(reach, match[0].length, /[\s"'`]/) : undefined;
    const told = isFlag || TELLS_PASSWORD.test(text.slice(Math.max(0, start - 120), start));
    const filled = value && /\d|[^\w.-]/.test(reach.slice(value.start, value.end));
    return value ? { ...value, near: told && filled === true, literal: told } : value;
  },
];

/**
 * Values that belong, or may belong, to the name at [start, end) of the text. The nearest come first. Nothing before `since` is
 * looked at: it lies before another such name.
 */
export function valuesOf(text: string, start: number, end: number, since = 0): Value[] {
  const reach = text.slice(end, end + REACH);
  const place = { text, start, end, reach, isFlag: /^(?:-{1,2}|\/)\w/.test(text.slice(start, start + 3)) };
  const found: Value[] = [];
  for (const shape of SHAPES) {
    const value = shape(place);
    if (value) found.push(value);
    if (value !== undefined) break;
  }
  found.push(...looserValues(reach));
  const behind = found.map((value) => ({ ...value, start: value.start + end, end: value.end + end }));
  return [...behind, ...valuesBefore(text, start, since)];
}

function assignedValue({ text, start, reach }: Place, sign: string): Value | null {
  let from = sign.length;
  if (/[:：]\s*$/.test(sign)) {
    from += at(ANNOTATION, reach, from)?.[0].length ?? 0;
  }
  const broken = at(LINE_BREAK, reach, from)?.[0];
  from += broken?.length ?? 0;
  // YAML's tags and anchors.
  from += /^(?:!!?\w{1,20}|&\w{1,40})[ \t]{1,4}/.exec(reach.slice(from, from + 70))?.[0].length ?? 0;
  const opening = at(OPENING, reach, from);
  if (opening) {
    const value = quoted(reach, from + opening[0].length, opening[1]!);
    return value && { ...value, near: !opening[0].includes('(') || CONSTRUCTOR.test(opening[0]) };
  }
  // On the next line stands the value, unless it is another name with its own.
  const another = broken !== undefined && !/[|>]/.test(broken);
  if (another && /^[\w.-]{1,60}\s*[:=]/.test(reach.slice(from, from + 80))) {
    return null;
  }
  return bare(text, start, reach, from, sign);
}

/** In the entry beside the name, in the sentence around it, in any string that comes later on the line. */
function looserValues(reach: string): Value[] {
  const found: Value[] = [];
  const partner = at(PARTNER, reach)?.[0].length;
  if (partner !== undefined) {
    const opening = at(OPENING, reach, partner);
    const value = opening
      ? quoted(reach, partner + opening[0].length, opening[1]!)
      : bareUntil(reach, partner, /[\s,;}"'`]/);
    if (value) found.push(value);
  }
  const sentence = at(SENTENCE, reach)?.[0].length;
  if (sentence !== undefined) {
    const opening = at(OPENING, reach, sentence);
    const value = opening
      ? quoted(reach, sentence + opening[0].length, opening[1]!)
      : bareUntil(reach, sentence, /[\s"'`([{]/);
    // `the password is hunter2`: a word with a number behind it, in a sentence that says so.
    const told =
      value && /\d/.test(reach.slice(value.start, value.end)) && /[a-z]\s*$/.test(reach.slice(0, sentence));
    if (value) found.push({ ...value, near: opening !== null || told === true });
  }
  // The first quotation mark may be the one that ends the name.
  const past = /^[\])}]{0,3}\\{0,3}["'`]/.exec(reach)?.[0].length ?? 0;
  found.push(...listed(reach));
  for (const string of reach.slice(past, Math.min(lineEnd(reach), STRINGS_REACH)).matchAll(STRING)) {
    const from = past + string.index + string[1]!.length + 1;
    const value = { start: from, end: from + string[3]!.length, near: false, literal: true };
    const isFallback = FALLBACK.test(reach.slice(Math.max(0, from - 30), from - 1 - string[1]!.length));
    found.push({ ...value, near: isFallback && hasDigit(reach, value) });
  }
  return found;
}

function hasDigit(text: string, { start, end }: Value): boolean {
  return /\d/.test(text.slice(start, end));
}

/** A list below the name: `tokens:` and an entry a line. */
function listed(reach: string): Value[] {
  const begin = /^["']?[ \t]{0,4}[:=][ \t]{0,4}[[(]?[ \t]{0,4}\r?\n/.exec(reach)?.[0].length;
  const found: Value[] = [];
  for (let from = begin; from !== undefined && from < reach.length; ) {
    const entry = /^[ \t]{0,40}(?:- ?)?(["']?)([^\s"',:=]{6,200}={0,2})\1,?[ \t]{0,4}(?:\r?\n|$)/.exec(
      reach.slice(from),
    );
    if (!entry) break;
    const start = from + entry[0].indexOf(entry[2]!);
    found.push({ start, end: start + entry[2]!.length, near: false, literal: true });
    from += entry[0].length;
  }
  return found;
}

/** `"…" == password`, `"…".equals(password)`; and any string that stands before the name on its line. */
function valuesBefore(text: string, start: number, since: number): Value[] {
  const from = Math.max(since, start - 260);
  if (from >= start - 4) {
    return [];
  }
  const reach = text.slice(from, start);
  const line = reach.slice(reach.lastIndexOf('\n') + 1);
  const lineStart = start - line.length;
  const found: Value[] = [];
  const compared = COMPARED.exec(line);
  for (const string of line.matchAll(STRING)) {
    const at = lineStart + string.index + string[1]!.length + 1;
    found.push({ start: at, end: at + string[3]!.length, near: false, literal: true });
  }
  if (compared) {
    const at = lineStart + compared.index + 1;
    found.push({ start: at, end: at + compared[2]!.length, near: true, literal: true });
  }
  return found;
}
