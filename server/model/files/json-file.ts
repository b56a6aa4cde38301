/** JSON of a model folder, read as the programs that write it mean it. */
import { existsSync, readFileSync } from 'node:fs';

/**
 * The file's value. A byte order mark is left out; NaN and Infinity, which Python writes and JSON does not know, are null.
 *
 * @throws SyntaxError where the text is no JSON, and the file system's error where the file cannot be read
 */
export function readJson(path: string): unknown {
  return parseJson(readFileSync(path, 'utf8'));
}

/** A file that a model can do without: one that is missing or broken is empty, and `notice` says so of a broken one. */
export function optionalJson(path: string): { json: Record<string, unknown>; notice?: string } {
  if (!existsSync(path)) return { json: {} };
  try {
    const json = readJson(path);
    if (typeof json === 'object' && json !== null && !Array.isArray(json))
      return { json: json as Record<string, unknown> };
  } catch {
    // Said below.
  }
  return { json: {}, notice: `${path} is no readable JSON and is left out; download it again.` };
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
