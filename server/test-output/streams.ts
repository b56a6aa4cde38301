/** One output taken apart into what each program in it printed: lines behind `[test] `, `shop:test: `, `web-1  | `, times of day, … */
import { CLEARED } from '../base/terminal-text';

/** What one program printed, with the marks before its lines taken off. */
export interface Stream {
  /** The mark; '' for lines that have none. */
  name: string;
  lines: string[];
}

/** A mark before a line: whose it is, and where the line itself begins. */
type Mark = (line: string) => { name: string; from: number } | null;

/** Marks within marks, at most: a time before each line of a container's log with a package's name. */
const DEEPEST = 4;
/** Lines that carry one mark, at least; of a shorter output all. */
const FEWEST = 3;
/** No mark is longer. */
const MARK_LIMIT = 80;

const pattern =
  (regexp: RegExp): Mark =>
  (line) => {
    const match = regexp.exec(line.slice(0, MARK_LIMIT + 20));
    return match ? { name: match.slice(1).filter(Boolean).join(' '), from: match[0].length } : null;
  };

/** `gh run view --log`: job, step, time, tabs between. */
const githubLog: Mark = (line) => {
  const match = /^([^\t]{1,80})\t([^\t]{1,80})\t\uFEFF?\d{4}-\d\d-\d\dT[\d:.]+Z ?/.exec(line.slice(0, 240));
  return match && { name: `${match[1]} ${match[2]}`, from: match[0].length };
};

/** Times of day: every line has one, and none tells whose it is. */
const TIMES: Mark[] = [
  pattern(
    /^\uFEFF?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?: \d\d[OE][ +]?| )?()/,
  ),
  pattern(/^\[\d{4}-\d\d-\d\d[T ][\d:.,]{8,18}(?:Z|[+-]\d\d:?\d\d)?\] ?()/),
  pattern(/^\[?\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?[AP]M)?\]?(?: ()|$)/),
  pattern(/^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d ?()/),
];
/** Marks that hardly anything else looks like. */
const NAMES: Mark[] = [
  githubLog,
  // concurrently, npm-run-all, kubectl, nx; not `[INFO] `, `[5/7] `, `[gw1] `
  pattern(
    /^\[(?!INFO|ERROR|WARN|DEBUG|TRACE|FATAL|info\]|error\]|warn\]|success\]|debug\]|doctest\]|gw\d+\]|\d+\/\d+\]|\d+%)([@\w][\w:.@/#-]{0,60}) {0,20}\]:?(?: |$)/,
  ),
  // docker compose, moon, foreman with a time before it
  pattern(/^(?:\d\d:\d\d:\d\d )?([A-Za-z@][\w.@/:-]{0,60}(?: [\w:.-]{1,30})?) {0,30}\|(?: |$)/),
  // docker build
  pattern(/^(#\d+) \d+\.\d+ ?/),
];
/** turbo's `shop:test: `, pnpm's `packages/shop test: ` and `packages/shop test$ `, lerna's `@acme/shop: `. Also much else. */
const LOOSE: Mark = (line) => {
  const match = /^([@\w][\w.@/#-]{0,60}(?:[: ][\w.:-]{1,30})?(?:\[\d{1,9}\])?)(?::(?: |$)|\$ )/.exec(
    line.slice(0, MARK_LIMIT + 20),
  );
  return match &&
    !/:\d+$|^\d+$|^(?:FAIL|ERROR|FAILED|\w*Error|\w*Exception|E|error|warning|note)\b/.test(match[1]!)
    ? { name: match[1]!, from: match[0].length }
    : null;
};

/** The output's streams, each with its lines in order; lines without a mark come last. Linear in time. */
export function streamsOf(lines: readonly string[], depth = 0): Stream[] {
  const marked = withoutFrame(lines);
  if (depth >= DEEPEST) return [{ name: '', lines: marked }];
  const plain = timesOff(marked);
  const fewest = Math.min(FEWEST, plain.filter((line) => line.trim() !== '').length);
  for (const mark of NAMES) {
    const streams = split(plain, mark, (own) => own.length >= fewest);
    if (streams) return deeper(streams, depth);
  }
  const streams = split(plain, LOOSE, (own) => own.length > FEWEST && holdsText(own), taskOf);
  if (streams) return deeper(streams, depth);
  return plain === marked ? [{ name: '', lines: marked }] : streamsOf(plain, depth + 1);
}

function deeper(streams: readonly Stream[], depth: number): Stream[] {
  return streams.flatMap((stream) =>
    stream.name === ''
      ? [stream]
      : streamsOf(stream.lines, depth + 1).map((inner) => ({
          ...inner,
          name: `${stream.name} ${inner.name}`.trim(),
        })),
  );
}

/** `test` of `packages/shop test` and of `@acme/shop:test`. */
function taskOf(name: string): string {
  return name.slice(Math.max(name.lastIndexOf(' '), name.lastIndexOf(':')));
}

/** A program's text has empty and indented lines; words before a colon have not. */
function holdsText(own: readonly string[]): boolean {
  return own.some((line) => line.trim() === '') || own.filter((line) => /^\s/.test(line)).length > 1;
}

/** Null where no mark is carried by enough lines. */
function split(
  lines: readonly string[],
  mark: Mark,
  enough: (own: string[]) => boolean,
  kindOf?: (name: string) => string,
): Stream[] | null {
  const byName = new Map<string, string[]>();
  const found = lines.map(mark);
  found.forEach((one, i) => {
    if (!one) return;
    const own = byName.get(one.name);
    const text = lines[i]!.slice(one.from);
    if (own) own.push(text);
    else byName.set(one.name, [text]);
  });
  const names = new Set([...byName].filter(([, own]) => enough(own)).map(([name]) => name));
  if (names.size === 0) return null;
  // The same task of another package, though it said little.
  const kinds = new Set([...names].map((name) => kindOf?.(name)));
  for (const name of byName.keys())
    if (kindOf && kinds.has(kindOf(name)) && /[ :]/.test(name)) names.add(name);
  const rest = lines.filter((_line, i) => !found[i] || !names.has(found[i].name));
  return [...[...names].map((name) => ({ name, lines: byName.get(name)! })), { name: '', lines: rest }];
}

/** Without a time before each line, where most lines have one. The same lines where they have not. */
function timesOff(lines: readonly string[]): string[] {
  const filled = lines.filter((line) => line.trim() !== '' && line !== CLEARED).length;
  for (const mark of TIMES) {
    const found = lines.map(mark);
    const count = found.filter(Boolean).length;
    if (count > 0 && count >= Math.min(FEWEST, filled) && count > 0.7 * filled)
      return lines.map((line, i) => line.slice(found[i]?.from ?? 0));
  }
  return lines as string[];
}

/** pnpm draws a line beside what one package prints, and GitHub marks lines of its own. */
function withoutFrame(lines: readonly string[]): string[] {
  const beside = lines.filter((line) => line.startsWith('│')).length;
  const framed =
    beside > FEWEST && lines.some((line) => /^└─/.test(line)) && lines.some((line) => /\$ \S/.test(line));
  return lines.map((line) => {
    const own = framed && line.startsWith('│') ? line.replace(/^│ ?/, '') : line;
    return own.startsWith('##[') ? own.replace(/^##\[\w+\]/, '') : own;
  });
}
