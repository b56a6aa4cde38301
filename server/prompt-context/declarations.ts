/** Declarations of names in a file's text, cut down to what whoever uses them has to know. */

export interface Declaration {
  name: string;
  /** Number of its first line, from 0. */
  line: number;
  /** The type whole, the class as an outline, the function as its head (whole where it is short). */
  text: string;
}

const MODIFIERS =
  '(?:(?:export|default|declare|abstract|async|public|private|protected|internal|static|final|sealed|open|override|readonly|unsafe|extern|inline|virtual|pub(?:\\([^)]*\\))?)\\s+)*';
const KIND =
  '(class|interface|type|enum|function\\*?|const|let|var|def|fn|func|fun|struct|trait|record|object|module|namespace|val|typedef|union|protocol|extension)';
/** `func (s *Store) Get(`: what stands before a method's name in Go. */
const RECEIVER = '(?:\\([^)]*\\)\\s*)?';
const DECLARED = new RegExp(
  `^(\\s*)${MODIFIERS}${KIND}\\s+(?:self\\.)?${RECEIVER}([\\p{L}_$][\\p{L}\\p{N}_$]*)`,
  'u',
);
/** A constant of Python's: a name at the line's start that something is given to. */
const ASSIGNED = /^()([\p{L}_][\p{L}\p{N}_]*)\s*(?::[^=\n]+)?=(?!=)/u;
/** A method or a field in a class: `name(…) {`, `int name(…)`, `name: Type;`. */
const MEMBER = new RegExp(
  `^(\\s+)${MODIFIERS}(?:get\\s+|set\\s+)?(?:[\\w<>\\[\\],.?*&:]+\\s+)?([\\p{L}_$#][\\p{L}\\p{N}_$]*)\\s*(?:<[^<>()]*>)?\\(`,
  'u',
);
/** `if (x) {` looks like one. */
const STATEMENT =
  /^\s*(?:if|for|while|switch|catch|return|await|else|elif|with|throw|raise|new|assert|print|yield|do|try)\b/;

const TYPES = new Set([
  'interface',
  'type',
  'enum',
  'struct',
  'record',
  'trait',
  'typedef',
  'union',
  'protocol',
]);
const CLASSES = new Set(['class', 'object', 'module', 'namespace', 'extension']);
const FUNCTIONS = new Set(['function', 'function*', 'def', 'fn', 'func', 'fun']);

/** Overloads are a few; an interface that every class of a file has is more. */
const MOST_NAMESAKES = 3;
const MOST_TYPE = 24;
const MOST_OUTLINE = 24;
const MOST_HEAD = 6;
/** A function of so many lines is shown whole. */
const SHORT = 8;
/** A line longer than this is data or minified. */
const LONGEST_LINE = 200;

interface Found {
  name: string;
  kind: string;
  indent: number;
}

function declared(line: string): Found | null {
  const [, indent, kind, name] = DECLARED.exec(line) ?? [];
  if (name !== undefined) return { name, kind: kind!, indent: indent!.length };
  const assigned = ASSIGNED.exec(line);
  if (assigned) return { name: assigned[2]!, kind: 'const', indent: 0 };
  if (STATEMENT.test(line) || !/[{:;,)]\s*$/.test(line) || line.trimEnd().endsWith(');')) return null;
  const member = MEMBER.exec(line);
  return member ? { name: member[2]!, kind: 'def', indent: member[1]!.length } : null;
}

/**
 * Declarations of these names in a text, in order.
 * @param members names of methods that count too; of a method with many namesakes nobody knows which is meant
 */
export function declarationsOf(
  names: ReadonlySet<string>,
  text: string,
  members: ReadonlySet<string> = names,
): Declaration[] {
  const lines = text.split('\n');
  const out: Declaration[] = [];
  let shownTo = -1;
  lines.forEach((line, i) => {
    if (i <= shownTo || line.length > LONGEST_LINE) return;
    const found = declared(line);
    if (!found || !names.has(found.name) || found.name.startsWith('__')) return;
    if (found.indent > 0 && FUNCTIONS.has(found.kind) && !members.has(found.name)) return;
    // A local variable is nothing that another file can use.
    if (found.indent > 0 && !FUNCTIONS.has(found.kind) && !CLASSES.has(found.kind) && !TYPES.has(found.kind))
      return;
    const shown = excerpt(lines, i, found);
    if (CLASSES.has(found.kind) || TYPES.has(found.kind)) shownTo = blockEnd(lines, i);
    out.push({ name: found.name, line: i, text: dedented(shown).join('\n') });
  });
  const count = (name: string) => out.filter((one) => one.name === name).length;
  return out.filter(({ name }) => count(name) <= MOST_NAMESAKES);
}

/** What a module gives away as one value: `module.exports = …`, `export default …`. */
const WHOLE = /^(?:module\.exports|exports\.default)\s*=|^export\s+default\b/;

/**
 * What whoever takes a whole module (`import * as x`, `import x`, a package) may find in it: the value that it gives away,
 * where it is written out there, or the first lines of its declarations. '' where there are none.
 */
export function moduleOutline(text: string): string {
  const lines = text.split('\n').filter((line) => line.length <= LONGEST_LINE);
  const whole = lines.findIndex((line) => WHOLE.test(line));
  if (whole >= 0) {
    const block = lines.slice(whole, blockEnd(lines, whole) + 1);
    if (block.length > 2) return block.slice(0, MOST_OUTLINE).join('\n');
  }
  const heads = lines.filter(
    (line) => /^\S/.test(line) && declared(line) !== null && !line.startsWith('import'),
  );
  return heads.slice(0, MOST_OUTLINE).join('\n');
}

/** The declaration that begins at a line (from 0) of a text; null where none does. */
export function declarationAt(line: number, text: string): Declaration | null {
  const lines = text.split('\n');
  const found = lines[line] === undefined ? null : declared(lines[line]);
  if (!found || lines[line]!.length > LONGEST_LINE) return null;
  return { name: found.name, line, text: dedented(excerpt(lines, line, found)).join('\n') };
}

function excerpt(lines: readonly string[], at: number, { kind }: Found): string[] {
  const block = lines.slice(at, blockEnd(lines, at) + 1).filter((line) => line.length <= LONGEST_LINE);
  if (CLASSES.has(kind)) return outline(block);
  if (TYPES.has(kind)) return block.slice(0, MOST_TYPE);
  if (block.length <= SHORT) return block;
  return FUNCTIONS.has(kind) ? head(block) : block.slice(0, MOST_HEAD);
}

/** The last line of what begins at a line: what is indented below it, and the bracket that closes it. */
function blockEnd(lines: readonly string[], at: number): number {
  const indent = indentOf(lines[at]!);
  let end = at;
  for (let i = at + 1; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trim() === '') continue;
    if (indentOf(line) > indent) end = i;
    else {
      const closes = indentOf(line) === indent && /^\s*(?:[)\]}]|end\b)/.test(line);
      if (!closes) return end;
      end = i;
      // `) {` closes the parameters alone.
      if (!/[{:(]\s*$/.test(line)) return end;
    }
  }
  return end;
}

/** A function's lines up to where its body begins. */
function head(block: readonly string[]): string[] {
  const end = block.findIndex((line) => /(?:[{:]|=>)\s*$/.test(line) && !line.trim().startsWith('//'));
  return block.slice(0, Math.min(end < 0 ? 1 : end + 1, MOST_HEAD));
}

/** A class as its head, its fields and the heads of its methods. */
function outline(block: readonly string[]): string[] {
  const [first = '', ...rest] = block;
  const inner = Math.min(
    ...rest.filter((line) => line.trim() !== '' && indentOf(line) > indentOf(first)).map(indentOf),
  );
  const members = rest.filter(
    (line) =>
      indentOf(line) === inner && line.trim() !== '' && !/^\s*(?:[)\]}*]|\/\/|\/\*|#|"""|''')/.test(line),
  );
  const closing = block.length > 1 && /^\s*(?:\}|end\b)/.test(block.at(-1)!) ? [block.at(-1)!] : [];
  return [first, ...members.slice(0, MOST_OUTLINE), ...closing];
}

/** Without the indentation that the first line has. */
function dedented(lines: readonly string[]): string[] {
  const indent = indentOf(lines[0] ?? '');
  return lines.map((line) => line.slice(Math.min(indent, indentOf(line))));
}

const indentOf = (line: string): number => /^\s*/.exec(line)![0].length;
