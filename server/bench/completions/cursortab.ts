/**
 * The scenarios of github.com/cursortab/cursortab.nvim (server/eval/scenarios): an edit to be made around the cursor, or
 * silence. What an inline completion can answer is the part where the edit is text put in at one place, and the silence.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecentEdit } from '../../prompt-context/types';
import type { BenchPlace } from './bench-place';

interface Scenario {
  fields: Map<string, string>;
  sections: Map<string, string>;
}

export function cursortabPlaces(folder: string): BenchPlace[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txtar'));
  return names.sort().flatMap((name) => placeOf(name, parse(readFileSync(join(folder, name), 'utf8'))));
}

function parse(text: string): Scenario {
  const [head = '', ...parts] = text.split(/^-- (.+) --$/m);
  const fields = new Map([...head.matchAll(/^([\w-]+): (.*)$/gm)].map(([, key, value]) => [key!, value!]));
  const sections = new Map<string, string>();
  for (let i = 0; i + 1 < parts.length; i += 2) sections.set(parts[i]!, parts[i + 1]!.replace(/^\n/, ''));
  return { fields, sections };
}

function placeOf(name: string, { fields, sections }: Scenario): BenchPlace[] {
  const buffer = sections.get('buffer.txt') ?? '';
  const expected = sections.get('expected');
  const path = fields.get('file') ?? 'file';
  const common = {
    id: name.replace('.txtar', ''),
    path,
    languageId: fields.get('language') ?? '',
    files: [],
  };
  const edits = editsOf(sections.get('history') ?? '');
  const at = (row: string, column: string) => {
    const lines = buffer.split('\n');
    const [line, character] = [Number(fields.get(row)) - 1, Number(fields.get(column))];
    return (
      lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) +
      Math.min(character, lines[line]?.length ?? 0)
    );
  };
  const split = (offset: number) => ({ prefix: buffer.slice(0, offset), suffix: buffer.slice(offset) });
  // A file that nobody has changed is no place of a completion at all: that gate is another one.
  if (fields.get('modified') === 'false') return [];
  if (expected === undefined) {
    return [{ ...common, group: 'quiet', edits, ...split(at('row', 'col')), wanted: null }];
  }
  const inserted = insertion(buffer, expected);
  if (inserted === null) return [];
  const { offset, text } = inserted;
  return [{ ...common, group: 'shown', edits, ...split(offset), wanted: text }];
}

/** The one piece of text that makes `after` of `before`; null where something goes too. */
function insertion(before: string, after: string): { offset: number; text: string } | null {
  if (after.length <= before.length) return null;
  let offset = 0;
  while (offset < before.length && before[offset] === after[offset]) offset++;
  const text = after.slice(offset, after.length - (before.length - offset));
  return before.slice(0, offset) + text + before.slice(offset) === after ? { offset, text } : null;
}

function editsOf(history: string): RecentEdit[] {
  return history
    .split('<|file|>')
    .slice(1)
    .map((one) => {
      const [head = '', rest = ''] = one.split('<|old|>\n');
      const [before = '', after = ''] = rest.split('<|new|>\n');
      return { path: head.trim(), before, after };
    });
}
