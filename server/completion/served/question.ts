/** A place as a server is asked about it: the route and the body, in the words of its model. */
import type { FimFamily } from '../../model/tokenizer/fim-families';
import type { ContextPart } from '../../prompt-context/types';
import { commentBlock, commentMark } from '../../syntax/comment-syntax';
import type { ServedModel } from './connect';

export interface ServedPlace {
  path: string;
  languageId: string;
  /** LF; without secrets, as is all that follows. */
  prefix: string;
  suffix: string;
  feedback: string | null;
  context: readonly ContextPart[];
  maxTokens: number;
}

export interface Question {
  route: string;
  body: object;
  /** What the answer says first, for it was left out of the question; '' for nothing. */
  given: string;
}

/** Limits in characters: tokens are the server's own matter. */
const PREFIX = 6_000;
const SUFFIX = 1_500;
const CONTEXT = 4_000;
/** A model that is made to say again what was left out needs tokens for it. */
const GIVEN_TOKENS = 8;

export function questionOf({ form, id }: Pick<ServedModel, 'form' | 'id'>, place: ServedPlace): Question {
  const remarks = place.feedback?.trim() ? commentBlock(place.feedback, place.path, place.languageId) : '';
  const prefix = remarks + tail(place.prefix, PREFIX);
  const suffix = head(place.suffix, SUFFIX);
  const sampling = { temperature: 0, stream: true };
  const context = fitting(place.context);
  if (form.kind === 'infill') {
    const files = context.map((part) => ({ filename: part.path, text: textOf(part, place) }));
    return {
      route: 'infill',
      body: {
        input_prefix: prefix,
        input_suffix: suffix,
        input_extra: files,
        n_predict: place.maxTokens,
        cache_prompt: true,
        ...sampling,
      },
      given: '',
    };
  }
  if (form.kind === 'words') {
    const { family } = form;
    const prompt = filesOf(family, context, place) + inWords(family, prefix, suffix);
    const body = {
      model: id,
      prompt,
      max_tokens: place.maxTokens,
      stop: family.stop?.slice(0, 4),
      ...sampling,
    };
    return { route: 'v1/completions', body, given: '' };
  }
  // Blanks at a prompt's end are cut into other tokens than those that code goes on with: the model says them itself.
  const given = blanksAtEnd(prefix);
  const above = context.map((part) => `${heading(part.path, place)}${textOf(part, place)}\n\n`).join('');
  const named = above ? heading(place.path, place) : '';
  const prompt = above + named + prefix.slice(0, prefix.length - given.length);
  const maxTokens = place.maxTokens + (given ? GIVEN_TOKENS : 0);
  // Nothing comes after nothing.
  return {
    route: 'v1/completions',
    body: { model: id, prompt: prompt || '\n', max_tokens: maxTokens, ...sampling },
    given: prompt ? given : '',
  };
}

function inWords({ prefix, suffix, middle, order }: FimFamily, before: string, after: string): string {
  if (order === 'psm') return `${prefix}${before}${suffix}${after}${middle}`;
  if (order === 'spm') return `${suffix}${after}${prefix ?? ''}${before}${middle}`;
  return `${suffix}${after}${middle}${before}`;
}

/** Other files as pseudo-files, where the family has words for them; else under comments before the prompt's own text. */
function filesOf(family: FimFamily, context: readonly ContextPart[], place: ServedPlace): string {
  const { fileSeparator, repoName, order } = family;
  if (context.length === 0 || fileSeparator === undefined || order !== 'psm') return '';
  const files = context.map((part) => `${fileSeparator}${part.path}\n${textOf(part, place)}\n`);
  return `${repoName ? `${repoName}project\n` : ''}${files.join('')}${fileSeparator}${place.path}\n`;
}

const heading = (path: string, { path: own, languageId }: ServedPlace): string =>
  `${commentMark(own, languageId)} ${path}\n`;

/** Code as it is; edits and problems, which are no code, as comments. */
function textOf({ kind, text }: ContextPart, { path, languageId }: ServedPlace): string {
  const isCode = kind === 'similar' || kind === 'definition';
  return (isCode ? text : commentBlock(text, path, languageId)).trimEnd();
}

/** The last parts that fit, in their order: what changed last stands nearest to the code. */
function fitting(parts: readonly ContextPart[]): ContextPart[] {
  const chosen: ContextPart[] = [];
  let left = CONTEXT;
  for (const part of [...parts].reverse()) {
    if (part.text.length > left) continue;
    left -= part.text.length;
    chosen.unshift(part);
  }
  return chosen;
}

function tail(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(-limit);
  return cut.slice(cut.indexOf('\n') + 1);
}

function head(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit);
  return cut.slice(0, Math.max(0, cut.lastIndexOf('\n')));
}

/** The blanks at a text's end, with the line break before them. */
function blanksAtEnd(text: string): string {
  let start = text.length;
  while (start > 0 && (text[start - 1] === ' ' || text[start - 1] === '\t')) start--;
  if (text[start - 1] === '\n') start--;
  return text.slice(start);
}
