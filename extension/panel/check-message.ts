/**
 * What the panel's page sends, judged before anything is done with it: the page shows what files and runs hold, and whoever
 * gets a script into it speaks with its voice. Knows nothing of the editor.
 */
import { posix } from 'node:path';
import { FORWARDED, type FromPage, PANEL_COMMANDS } from './messages';

/** Longest comment and longest name that are taken, in characters. */
const MOST_TEXT = 100_000;
const MOST_NAME = 4_096;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MOST_NAME;
const isOneOf = <T>(list: readonly T[], value: unknown): value is T => list.includes(value as T);

/** The message with the fields of its kind alone; null where it is none of the page's. */
export function checkedMessage(value: unknown): FromPage | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, id, method, parameters, command, completionId, text, thumbs, uri, line } = value as Record<
    string,
    unknown
  >;
  switch (kind) {
    case 'request':
      return Number.isSafeInteger(id) && isOneOf(FORWARDED, method) && typeof parameters === 'object'
        ? { kind, id: id as number, method, parameters: parameters as never }
        : null;
    case 'command':
      return isOneOf(PANEL_COMMANDS, command) ? { kind, command } : null;
    case 'feedback':
      return isName(completionId) &&
        typeof text === 'string' &&
        text.length <= MOST_TEXT &&
        isOneOf([-1, 0, 1] as const, thumbs)
        ? { kind, completionId, text, thumbs }
        : null;
    case 'delete':
      return isName(completionId) ? { kind, completionId } : null;
    case 'open':
      return isName(uri) && Number.isSafeInteger(line) && (line as number) >= 0
        ? { kind, uri, line: line as number }
        : null;
    default:
      return null;
  }
}

/** The path without what climbs in it; null for one that may mean another file on another system. */
export function plainPath(path: string): string | null {
  return /[\\\0]/.test(path) ? null : posix.normalize(path);
}
