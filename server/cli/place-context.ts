/** The context of a place that the command line names: in a file of a project on disk, or in a case with its files. */
import { existsSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Option } from 'commander';
import { DiskFiles } from '../prompt-context/disk-files';
import { ALL_KINDS, ContextGatherer, type ContextSources } from '../prompt-context/gather';
import { GivenFiles } from '../prompt-context/given-files';
import type { ContextKind, ContextPart, ContextPlace } from '../prompt-context/types';
import { Exclusions } from '../workspace/exclusions';
import type { CompletionCase } from './completion-cases';
import { UsageError } from './outcome';

export const contextOption = (): Option =>
  new Option(
    '--context <kinds>',
    `what the prompt shows besides the file, comma-separated, of: ${ALL_KINDS.join(', ')}; or none`,
  )
    .default([...ALL_KINDS], 'all')
    .argParser(contextKinds);

/** @throws UsageError naming what is no kind of context */
export function contextKinds(list: string): ContextKind[] {
  if (list === 'none') return [];
  const kinds = list.split(',').map((one) => one.trim());
  const unknown = kinds.find((kind) => !ALL_KINDS.includes(kind as ContextKind));
  if (unknown !== undefined)
    throw new UsageError(`There is no context "${unknown}". Choose from: ${ALL_KINDS.join(', ')}, none.`);
  return kinds as ContextKind[];
}

/** Folder of the project that a file belongs to: its repository's, else its own. */
export function projectRoot(file: string): string {
  const own = dirname(resolve(file));
  for (let folder = own; ; folder = dirname(folder)) {
    if (existsSync(resolve(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return own;
  }
}

/** A file's path as the model sees it. */
export const shownPath = (file: string): string =>
  relative(projectRoot(file), resolve(file)).split(sep).join('/');

/** What the project on disk around a file says of a place in it. */
export async function contextOnDisk(
  file: string,
  place: ContextPlace,
  line: number,
  kinds: readonly ContextKind[],
): Promise<ContextPart[]> {
  const root = projectRoot(file);
  const exclusions = new Exclusions([root], []);
  const mayRead = async (path: string) => (await exclusions.check(pathToFileURL(path).href)) === null;
  return gathered(place, { files: new DiskFiles({ root, mayRead }), edits: [], problems: [], line }, kinds);
}

/** What a case says of its place. */
export function contextOfCase(
  { prefix, files = [], edits = [], diagnostics = [] }: CompletionCase,
  place: ContextPlace,
  kinds: readonly ContextKind[],
): Promise<ContextPart[]> {
  const line = prefix.split('\n').length;
  return gathered(place, { files: new GivenFiles(files), edits, problems: diagnostics, line }, kinds);
}

const gathered = (place: ContextPlace, sources: ContextSources, kinds: readonly ContextKind[]) =>
  kinds.length === 0 ? Promise.resolve([]) : new ContextGatherer().gather(place, sources, kinds);
