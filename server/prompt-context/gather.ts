/** All context of a place: the stable parts first, what changed last at the end, next to the code. */
import { yieldToEventLoop } from '../base/event-loop';
import { hasSecret } from '../workspace/redaction';
import { isSensitive } from '../workspace/sensitive-files';
import { definitionsNear } from './definitions';
import { namesNear } from './names';
import { editNotes, problemNotes } from './notes';
import { withoutSecretLines } from './secret-lines';
import { SimilarCode } from './similar';
import type {
  ContextKind,
  ContextPart,
  ContextPlace,
  DeclaredAt,
  Problem,
  ProjectFiles,
  RecentEdit,
} from './types';

export interface ContextSources {
  files: ProjectFiles;
  /** The latest last. */
  edits: readonly RecentEdit[];
  problems: readonly Problem[];
  /** Where a language server says that names near the cursor are declared. */
  declared?: readonly DeclaredAt[];
  /** The cursor's line, the first is 1. */
  line: number;
}

/** Gathers context; holds what it has read of files for the next time. */
export class ContextGatherer {
  private readonly similar = new SimilarCode();

  /**
   * @param kinds the sources that are used
   * @returns parts in the order in which a prompt shows them; none from a sensitive file, and none that holds a secret
   */
  async gather(
    place: ContextPlace,
    { files, edits, problems, declared, line }: ContextSources,
    kinds: readonly ContextKind[] = ALL_KINDS,
  ): Promise<ContextPart[]> {
    const near = namesNear(place.prefix, place.suffix);
    const definitions = kinds.includes('definition')
      ? await definitionsNear(place, near, files, declared)
      : [];
    const defined = new Set(definitions.map(({ path }) => path));
    const similar = kinds.includes('similar') ? await this.similar.find(place, files) : [];
    const parts = [
      ...similar.filter(({ path }) => !defined.has(path)),
      ...definitions,
      ...(kinds.includes('edit') ? editNotes(await cleanEdits(edits)) : []),
      ...(kinds.includes('problem') ? problemNotes(problems, place, line) : []),
    ];
    const clean: ContextPart[] = [];
    for (const part of parts) {
      if (!isSensitive(part.path) && !(await hasSecret(part.text))) clean.push(part);
    }
    return clean;
  }
}

export const ALL_KINDS: readonly ContextKind[] = ['similar', 'definition', 'edit', 'problem'];

/** Most characters of a side of an edit. */
const LARGEST_EDIT = 400_000;
/** Characters on either side of what was changed that are searched for secrets with it: a key may begin above it. */
const SECRET_REACH = 6_000;

/** Edits without lines that hold secrets or parts of one. */
async function cleanEdits(edits: readonly RecentEdit[]): Promise<RecentEdit[]> {
  const clean: RecentEdit[] = [];
  for (const { path, before, after } of edits) {
    if (before.length > LARGEST_EDIT || after.length > LARGEST_EDIT) continue;
    const near = nearChange(before.replaceAll('\r\n', '\n'), after.replaceAll('\r\n', '\n'));
    const [old, now] = [await withoutSecretLines(near.before), await withoutSecretLines(near.after)];
    clean.push({ path, before: old, after: now });
    await yieldToEventLoop();
  }
  return clean;
}

/** Both sides cut to whole lines around what differs. */
function nearChange(before: string, after: string): { before: string; after: string } {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before.charCodeAt(head) === after.charCodeAt(head)) head++;
  let tail = 0;
  while (tail < least - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const from = before.lastIndexOf('\n', Math.max(0, head - SECRET_REACH)) + 1;
  const cut = (text: string) => {
    const end = text.indexOf('\n', Math.min(text.length, text.length - tail + SECRET_REACH));
    return text.slice(head <= SECRET_REACH ? 0 : from, end < 0 ? text.length : end);
  };
  return { before: cut(before), after: cut(after) };
}
