/** Context as a prompt shows it: pseudo-files in the model's own tokens, or under commented paths, within a token budget. */
import type { PromptFormat, Tokenizer } from '../model/types';
import type { ContextKind, ContextPart } from '../prompt-context/types';
import { commentBlock, commentMark } from '../syntax/comment-syntax';

/** Which kind gets its room first where not all fits. */
const WORTH: readonly ContextKind[] = ['problem', 'edit', 'definition', 'similar'];
/** A part of fewer tokens than this says nothing. */
const LEAST_TOKENS = 8;
/** No part takes more than this share of the whole, so that several have a place. */
const LARGEST_SHARE = 0.5;
/** So much a part may always take. */
const SMALL_TOKENS = 96;

export interface ContextFrame {
  format: PromptFormat;
  tokenizer: Tokenizer;
  /** Path and language of the file that is completed in. */
  path: string;
  languageId?: string;
}

/**
 * Token ids of the context, at most `limit` of them. The order of the parts stays; where room is short those of the least
 * worth are left out, and a long one is cut at a line's end. Empty where nothing fits.
 */
export function encodeContext(parts: readonly ContextPart[], limit: number, frame: ContextFrame): number[] {
  const room = limit - closing(frame).length - opening(frame).length;
  const chosen = new Map<ContextPart, number[]>();
  let left = room;
  const byWorth = [...parts.entries()].sort(
    ([i, a], [j, b]) => WORTH.indexOf(a.kind) - WORTH.indexOf(b.kind) || j - i,
  );
  for (const [, part] of byWorth) {
    const ids = encodePart(
      part,
      Math.min(left, Math.max(SMALL_TOKENS, Math.ceil(room * LARGEST_SHARE))),
      frame,
    );
    if (ids.length === 0) continue;
    chosen.set(part, ids);
    left -= ids.length;
  }
  if (chosen.size === 0) return [];
  return [...opening(frame), ...parts.flatMap((part) => chosen.get(part) ?? []), ...closing(frame)];
}

/** Whether the model has a token that stands between the files of a project. */
const hasSeparator = ({ format }: ContextFrame): boolean => format.fileSeparatorId !== undefined;

function opening({ format, tokenizer }: ContextFrame): number[] {
  return format.repoNameId === undefined || format.order !== 'psm'
    ? []
    : [format.repoNameId, ...tokenizer.encodeText('project\n')];
}

/** What stands between the context and the file that is completed in. */
function closing(frame: ContextFrame): number[] {
  const { format, tokenizer, path, languageId } = frame;
  // The embedded form and those with repository tokens name the file behind the context themselves.
  if (hasSeparator(frame)) return [];
  if (format.order !== 'none') return [];
  return tokenizer.encodeText(`${commentMark(path, languageId)} ${path}\n`);
}

function encodePart(part: ContextPart, limit: number, frame: ContextFrame): number[] {
  const { format, tokenizer, path, languageId } = frame;
  const isCode = part.kind === 'similar' || part.kind === 'definition';
  const mark = commentMark(path, languageId);
  let [head, body] = ['', part.text];
  if (hasSeparator(frame)) head = `${part.path}${part.kind === 'edit' ? '.diff' : ''}\n`;
  else {
    head = `${mark} ${part.path}\n`;
    if (!isCode) body = commentBlock(part.text, path, languageId).trimEnd();
  }
  if (part.kind === 'problem' && hasSeparator(frame))
    [head, body] = ['problems.txt\n', `${part.path}: ${part.text}`];
  const first = format.fileSeparatorId === undefined ? [] : [format.fileSeparatorId];
  const title = [...first, ...tokenizer.encodeText(head)];
  const ids = wholeLines(
    tokenizer,
    `${body.trimEnd()}\n${hasSeparator(frame) ? '' : '\n'}`,
    limit - title.length,
  );
  return ids.length < LEAST_TOKENS ? [] : [...title, ...ids];
}

/** The first lines that fit into `limit` tokens. */
function wholeLines(tokenizer: Tokenizer, text: string, limit: number): number[] {
  if (limit < LEAST_TOKENS) return [];
  const ids = tokenizer.encodeText(text);
  if (ids.length <= limit) return ids;
  const cut = tokenizer.decode(ids.slice(0, limit));
  const end = cut.lastIndexOf('\n');
  return end <= 0 ? [] : tokenizer.encodeText(`${cut.slice(0, end)}\n`);
}
