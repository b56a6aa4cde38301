/** Places in source files that a text points at: stack frames, compiler and assertion locations of many languages. */
import { cleanFile } from './printed-path';
import type { Frame } from './report';

/** Folders whose frames are the runner's own. */
const FOREIGN =
  /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|vendor|gems|\.cargo|rustlib|rustc|jasmine-core|\.pub-cache|googletest|gtest|rubies)[\\/]|^node:|^(?:internal|library)[\\/]|[\\/]lib[\\/](?:python|ruby)[\\/\d]|[\\/]go(?:-?[\d.]+)?[\\/](?:src|pkg[\\/]mod)[\\/]|^_testmain\.go$|^(?:flutter|flutter_test|test_api|matcher|stack_trace)\/|^(?:javax?|jdk|sun|com\/sun|org\/(?:junit|gradle|opentest4j|hamcrest|assertj|mockito|apache\/maven|testng|scalatest|scalactic)|junit|kotlin|scala|sbt|groovy|akka|munit)[\\/]|^\/_\/src\/|^(?:https?|jsr|npm|ext|bun|phar|native|data|chrome-extension):|[\\/]lib[\\/](?:ex_unit|elixir|gen_server)[\\/.]/;
/** A line that is longer is no line of a stack trace. */
const LINE_LIMIT = 1_000;
const MOST = 50;
const JAVA_FILE = /^([\w$]+\.(?:java|kt|kts|scala|groovy)):(\d+)$/;
/** An extension with the line behind it: `.ts:3:5`, `.cs(12)`, `.ts(3,5)`, `.cs:line 3`. */
const PLACE =
  /\.([A-Za-z][A-Za-z0-9_]{0,9}):(\d{1,7})(?::(\d{1,7}))?(?!\d|\.\d)|\.([A-Za-z][A-Za-z0-9_]{0,9})\((\d{1,7})(?:[,:](\d{1,7}))?\)/g;
const STOP = new Set([...' \t:()"\'`<>|*?,;=[]{}│╵┃●❯›']);
/** Characters of a path, at most. */
const PATH_LIMIT = 300;

/** Frames in the order they are printed, each place once; the runner's and libraries' own left out. */
export function framesIn(text: string): Frame[] {
  const frames: Frame[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line.length > LINE_LIMIT) continue;
    for (const frame of framesOf(line)) {
      const key = `${frame.file}:${frame.line}`;
      if (!FOREIGN.test(frame.file) && !seen.has(key)) {
        seen.add(key);
        frames.push(frame);
      }
    }
    if (frames.length >= MOST) break;
  }
  return frames.filter((frame) => !frames.some((other) => other !== frame && isTail(frame, other)));
}

/** The end of a path, where the whole path of the same place is printed too. */
function isTail(frame: Frame, whole: Frame): boolean {
  return (
    frame.line === whole.line &&
    whole.file.length > frame.file.length &&
    whole.file.endsWith(frame.file) &&
    /[\\/]$/.test(whole.file.slice(0, -frame.file.length))
  );
}

/** The places one line names. */
function framesOf(line: string): Frame[] {
  // Playwright's title of a test names the test's place, not the failure's.
  if (!/\d/.test(line) || /:\d+(?::\d+)? › /.test(line)) return [];
  const text = line.trim();
  for (const form of FORMS) {
    const found = form(text);
    if (found) return found;
  }
  return anywhere(text);
}

/** Each answers null where the line is not of its form. */
const FORMS: ((text: string) => Frame[] | null)[] = [
  python,
  perl,
  dotnet,
  called,
  marked,
  whole,
  leading,
  panicked,
  dart,
];

/** Python: `File "a.py", line 3`. */
function python(text: string): Frame[] | null {
  const match = /^(?:E +)?File "([^"]+)", line (\d+)/.exec(text);
  return match && at(match[1]!, match[2]!);
}

/** Perl: `… at lib/Cart.pm line 7.`; Swift: `file Shop/Cart.swift, line 13`. */
function perl(text: string): Frame[] | null {
  const match = /(?:^|[\s:])(?:at|file) (\S[^:]{0,200}\.\w{1,6}),? line (\d{1,7})(?:[.,)]|$)/.exec(text);
  return match && at(match[1]!, match[2]!);
}

/** .NET: `at Shop.Cart.Half() in /a b/Cart.cs:line 3`; PHP: `#0 /a b/Cart.php(3): half()`. */
function dotnet(text: string): Frame[] | null {
  const line = text.lastIndexOf(':line ');
  if (line > 0) {
    const before = text.slice(0, line);
    const from = text.startsWith('at ') ? before.indexOf(') in ') + 1 : before.indexOf('in ') - 1;
    const path = before.slice(Math.max(0, from)).replace(/^ ?in /, '');
    const number = /^\d+/.exec(text.slice(line + 6))?.[0];
    if (number && /\.\w{1,6}$/.test(path)) return at(path, number);
  }
  // Microsoft's testing platform leaves "line" out.
  const within = text.startsWith('at ') ? text.indexOf(') in ') : -1;
  if (within > 0) return placeAt(text.slice(within + 5));
  const php = /^#\d+ (.*?)\((\d+)\): /.exec(text);
  return php && at(php[1]!, php[2]!);
}

/** JavaScript and Java: `at f (place)`, `at place`, `at pkg.Class.method(File.java:3)`; Firefox and Safari: `f@place`. */
function called(text: string): Frame[] | null {
  const sign = text.indexOf('@http');
  if (sign >= 0 && sign < 200 && !text.startsWith('at ')) return placeAt(text.slice(sign + 1));
  if (!text.startsWith('at ')) return null;
  const rest = text.slice(3);
  if (rest.endsWith(')')) {
    const spaced = rest.indexOf(' (');
    if (spaced >= 0) return placeAt(rest.slice(spaced + 2, -1)) ?? [];
    const open = rest.lastIndexOf('(');
    const java = JAVA_FILE.exec(rest.slice(open + 1, -1));
    if (java) return at(javaPath(rest.slice(0, open), java[1]!), java[2]!);
  }
  return placeAt(rest.replace(/^async /, ''));
}

/** vitest: `❯ f place`; RSpec: `# ./place:in 'f'`; rustc: `--> place`; testify: `Error Trace: place`. */
function marked(text: string): Frame[] | null {
  const match = /^(?:❯|#|-->|Error Trace:|└|panicked at|│)\s+(.*)/.exec(text);
  if (!match) return null;
  const rest = match[1]!.replace(/:in [`'].*/, '').replace(/ ?\+0x[0-9a-f]+$/, '');
  if (!text.startsWith('❯')) return placeAt(rest);
  // A function's name stands before the place; a path with blanks has its first slash before them.
  const words = rest.split(' ');
  let from = 0;
  while (from < words.length - 1 && !/[\\/]|\.\w+:\d/.test(words[from]!)) from++;
  return placeAt(words.slice(from).join(' '));
}

/** The line is a place and no more, however many blanks are in its folders' names. */
function whole(text: string): Frame[] | null {
  if (!/^(?:\/|[A-Za-z]:[\\/]|\.{1,2}[\\/]|file:|[\w.@-]+[\\/])/.test(text)) return null;
  const rest = text.replace(/ \+0x[0-9a-f]+$/, '').replace(/:in [`'].*/, '');
  return /:\d+(?::\d+)?:?$/.test(rest) && !isSentence(rest) ? placeAt(rest) : null;
}

/** Compilers, pytest, GoogleTest: `/a b/cart.c:12:5: error: …`, `C:\\a b\\cart.cpp(12): error: …`. */
function leading(text: string): Frame[] | null {
  const match =
    /^((?:[A-Za-z]:(?=[\\/]))?[^:]{1,300}?\.\w{1,10})(?::(\d{1,7})(?::(\d{1,7}))?|\((\d{1,7})(?:,(\d{1,7}))?\)):? /.exec(
      text,
    );
  if (!match) return null;
  // A sentence that names a place has no slash in its first word.
  const path = match[1]!;
  if (/\s/.test(path) && !/^\S*[\\/]/.test(path)) return null;
  return /["'`(<]/.test(path) ? null : at(path, (match[2] ?? match[4])!, match[3] ?? match[5]);
}

/** Rust: `thread 'x' panicked at src/a b.rs:3:5:`; babel: `SyntaxError: /a b/cart.js: Unexpected token (4:2)`. */
function panicked(text: string): Frame[] | null {
  const place = text.lastIndexOf(' panicked at ');
  if (place >= 0 && /:\d+:\d+:?$/.test(text)) {
    const quote = text.lastIndexOf("', ");
    return placeAt(text.slice(quote > place ? quote + 3 : place + 13));
  }
  const babel = /^SyntaxError: ((?:[A-Za-z]:(?=[\\/]))?[^:]{1,300}): .* \((\d{1,7}):(\d{1,7})\)$/.exec(text);
  return babel && at(babel[1]!, babel[2]!, babel[3]);
}

/** A place that words follow. */
function isSentence(text: string): boolean {
  const place = text.search(/\d:\d+:/);
  return /:\s/.test(text) || (place >= 0 && /\s/.test(text.slice(place)));
}

/** Dart: `test/cart_test.dart 12:5  main.<fn>`. */
function dart(text: string): Frame[] | null {
  const match = /^(\S+\.dart) (\d+):(\d+)\s/.exec(`${text} `);
  return match && at(match[1]!, match[2]!, match[3]);
}

/** `path:line:column`, with blanks in the path. */
function placeAt(text: string): Frame[] | null {
  const arrow = text.indexOf(' <- ');
  const place = (arrow < 0 ? text : text.slice(0, arrow)).replace(/[:,.)]{1,4}$/, '');
  const match = /:(\d{1,7})(?::(\d{1,7}))?$/.exec(place);
  if (!match) return null;
  const path = place.slice(0, match.index);
  if (/^eval at /.test(path)) return anywhere(path);
  const [file = '', version = ''] = path.split('?', 2);
  return /\.\w{1,10}$/.test(file) && !/\s/.test(version) ? at(path, match[1]!, match[2]) : [];
}

/** Places among other words: no blank belongs to them. */
function anywhere(text: string): Frame[] {
  const frames: Frame[] = [];
  for (const match of text.matchAll(PLACE)) {
    const from = startOf(text, match.index);
    const file = text.slice(from, match.index + 1 + (match[1] ?? match[4])!.length);
    if (from < match.index && !/^[\d.]+$/.test(file)) {
      frames.push(...at(file, (match[2] ?? match[5])!, match[3] ?? match[6]));
    }
  }
  return frames;
}

/** Where the path that goes on at `end` begins. Brackets belong to it where they are a folder's whole name. */
function startOf(text: string, end: number): number {
  let i = end;
  while (i > 0 && end - i < PATH_LIMIT) {
    const char = text[i - 1]!;
    const closing = char === ']' ? '[' : char === ')' ? '(' : null;
    if (closing && /[\\/.]/.test(text[i] ?? '')) {
      const open = text.lastIndexOf(closing, i - 2);
      if (open < 0 || i - open > 60 || !/[\\/([]/.test(text[open - 1] ?? '/')) break;
      i = open;
    } else if (char === ':' && /[\\/]/.test(text[i] ?? '')) {
      // A drive, or the scheme of an address.
      const name = /[A-Za-z][\w+.-]{0,20}$/.exec(text.slice(Math.max(0, i - 22), i - 1))?.[0];
      if (name === undefined) break;
      i -= name.length + 1;
      if (name.length === 1) break;
    } else if (STOP.has(char)) break;
    else i--;
  }
  return i;
}

function at(file: string, line: string, column?: string): Frame[] {
  const clean = cleanFile(file);
  return clean ? [{ file: clean, line: Number(line), column: column ? Number(column) : null }] : [];
}

/** `app//com.acme.Cart$Item.half` in Cart.java is com/acme/Cart.java. */
function javaPath(method: string, file: string): string {
  const name = method.slice(method.lastIndexOf('/') + 1);
  return [...name.split('.').slice(0, -2), file].join('/');
}
