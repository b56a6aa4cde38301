/** JSON of a model folder, read as the programs that write it mean it. */
import { readFileSync } from 'node:fs';

/**
 * The file's value. A byte order mark is left out; NaN and Infinity, which Python writes and JSON does not know, are null.
 *
 * @throws SyntaxError where the text is no JSON, and the file system's error where the file cannot be read
 */
export function readJson(path: string): unknown {
  return parseJson(readFileSync(path, 'utf8'));
}

/** @throws SyntaxError where the text is no JSON */
export function parseJson(text: string): unknown {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return JSON.parse(plain);
  } catch (error) {
    // Strings are matched whole, so that a word within one stays as it is.
    const known = plain.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (match) =>
      match.startsWith('"') ? match : 'null',
    );
    if (known === plain) throw error;
    return JSON.parse(known);
  }
}
