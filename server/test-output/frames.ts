/** Places in source files that a text points at: stack frames, compiler and assertion locations of many languages. */
import type { Frame } from './report';

const FILE = String.raw`((?:[A-Za-z]:[\\/])?[^\s:()"'\x60<>|*?,;=\[\]]+\.[A-Za-z][A-Za-z0-9]{0,9})`;
const PATTERNS: { pattern: RegExp; frame(match: RegExpExecArray): Frame }[] = [
  // Python: File "a.py", line 3
  { pattern: /File "([^"]+)", line (\d+)/g, frame: (m) => at(m[1]!, m[2]!) },
  // Java, Kotlin, Scala: at pkg.Class.method(File.java:3)
  {
    pattern: /\bat (?:[\w.]+(?:@[\w.]+)?\/)?([\w$.]+)\.[\w$<>]+\(([\w$]+\.(?:java|kt|scala|groovy)):(\d+)\)/g,
    frame: (m) => at(javaPath(m[1]!, m[2]!), m[3]!),
  },
  // .NET: in /a/B.cs:line 3
  {
    pattern: /\bin (\S[^:\n]*?(?:[A-Za-z]:[^:\n]+)?\.(?:cs|fs|vb)):line (\d+)/g,
    frame: (m) => at(m[1]!, m[2]!),
  },
  // JavaScript: at f (file:3:5), file:///a.js:3:5; Go, Rust, Ruby, PHP, compilers: a.go:3, a.rs:3:5
  {
    pattern: new RegExp(String.raw`(?:file://)?${FILE}:(\d+)(?::(\d+))?`, 'g'),
    frame: (m) => at(m[1]!, m[2]!, m[3]),
  },
  // TypeScript and MSBuild: a.ts(3,5)
  { pattern: new RegExp(String.raw`${FILE}\((\d+),(\d+)\)`, 'g'), frame: (m) => at(m[1]!, m[2]!, m[3]) },
];

/** Folders whose frames are the runner's own. */
const FOREIGN =
  /(?:^|[\\/])(?:node_modules|site-packages|dist-packages|vendor|gems|\.cargo|rustlib|rustc)[\\/]|^node:|^internal[\\/]|[\\/]lib[\\/]python\d|[\\/]go(?:-[\d.]+)?[\\/]src[\\/]|^(?:javax?|jdk|sun|com\/sun|org\/(?:junit|gradle|opentest4j|apache\/maven|testng)|junit|kotlin)[\\/]/;
/** A line that is longer is no line of a stack trace. */
const LINE_LIMIT = 1_000;
const MOST = 50;

/** Frames in the order they are printed, each place once; the runner's and libraries' own left out. */
export function framesIn(text: string): Frame[] {
  const frames: Frame[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line.length > LINE_LIMIT || !/:\d|line \d|\(\d+,\d/.test(line)) {
      continue;
    }
    for (const { pattern, frame } of PATTERNS) {
      let any = false;
      for (const match of line.matchAll(pattern)) {
        any = true;
        const found = frame(match as RegExpExecArray);
        const key = `${found.file}:${found.line}`;
        if (!FOREIGN.test(found.file) && !/^\d|^https?$/.test(found.file) && !seen.has(key)) {
          seen.add(key);
          frames.push(found);
        }
      }
      if (any) {
        break;
      }
    }
    if (frames.length >= MOST) {
      break;
    }
  }
  return frames;
}

function at(file: string, line: string, column?: string): Frame {
  return {
    file: file.replace(/^file:\/\//, '').replace(/^(?:\.\/)+/, ''),
    line: Number(line),
    column: column ? Number(column) : null,
  };
}

/** `com.acme.Cart$Item` in Cart.java is com/acme/Cart.java. */
function javaPath(type: string, file: string): string {
  const folders = type.split('.').slice(0, -1);
  return [...folders, file].join('/');
}
