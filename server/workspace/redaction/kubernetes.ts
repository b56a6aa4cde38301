/** Secrets of Kubernetes: every value of such an object is one, whatever its key is called. */
import type { Finding } from './finding';
import { isHarmless } from './harmless';

const KIND = /^[ \t]{0,20}["']?kind["']?:[ \t]{1,4}["']?Secret["']?[ \t]{0,4}\r?$/gm;
/** Data lie no further from the line that says what the object is, in characters. */
const REACH = 4_000;
const DATA = /^([ \t]{0,20})(?:data|stringData):[ \t]{0,4}\r?$/;
const ENTRY =
  /^([ \t]{0,40})["']?[\w.-]{1,100}["']?:[ \t]{1,8}["']?([^\s"'|>{][^"'\r\n]{3,2000}?)["']?[ \t]{0,4}\r?$/;

/** Values below `data` and `stringData` of objects of the kind Secret. */
export function* kubernetesSecrets(text: string): Iterable<Finding | null> {
  let done = 0;
  for (const match of text.matchAll(KIND)) {
    let at = Math.max(done, match.index - REACH);
    const end = Math.min(text.length, match.index + REACH);
    done = end;
    let indent = -1;
    for (const line of text.slice(at, end).split('\n')) {
      const data = DATA.exec(line);
      const entry = indent >= 0 ? ENTRY.exec(line) : null;
      if (data) {
        indent = data[1]!.length;
      } else if (entry && entry[1]!.length > indent) {
        const from = at + line.lastIndexOf(entry[2]!);
        if (!isHarmless(entry[2]!)) yield { start: from, end: from + entry[2]!.length };
      } else if (line.trim() !== '' && !/^[ \t]/.test(line)) {
        indent = -1;
      }
      at += line.length + 1;
    }
  }
}
