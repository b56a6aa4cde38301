/** A place that a benchmark completes. */
import type { ProjectFile, RecentEdit } from '../../prompt-context/types';

export interface BenchPlace {
  id: string;
  /** What the figures are given by: a language, or a kind of place. */
  group: string;
  path: string;
  languageId: string;
  prefix: string;
  suffix: string;
  files: ProjectFile[];
  edits: RecentEdit[];
  /** What stood there, or null where nothing should be offered. */
  wanted: string | null;
  /** Code whose run says whether a completion works: what stands before and behind it, in Python. */
  program?: { before: string; after: string };
}
