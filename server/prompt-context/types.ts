/** What a prompt shows besides the code around the cursor, and where it comes from. */

/** A file of the project. Paths are relative to their workspace folder, with forward slashes. */
export interface ProjectFile {
  path: string;
  text: string;
}

/** A change that the developer made: the lines that it took away and those that it put there. */
export interface RecentEdit {
  path: string;
  before: string;
  after: string;
}

/** What a checker says of a line; the first line is 1. */
export interface Problem {
  path: string;
  line: number;
  message: string;
}

/** The place that context is gathered for. Line breaks are LF. */
export interface ContextPlace {
  path: string;
  languageId: string;
  prefix: string;
  suffix: string;
  /** The whole document: its imports may stand above what the prompt shows. Prefix and suffix where it is missing. */
  text?: string;
}

/** Where something is declared, as a language server tells; the first line is 0. */
export interface DeclaredAt {
  path: string;
  line: number;
}

/** Where a part comes from. */
export type ContextKind = 'similar' | 'definition' | 'edit' | 'problem';

/** A piece of context. Code is shown as a part of the file at `path`; edits and problems are notes about it. */
export interface ContextPart {
  kind: ContextKind;
  path: string;
  text: string;
}

/** The files that context may be read from. None that is excluded or holds nothing but secrets is ever handed out. */
export interface ProjectFiles {
  /** Names in a folder ('' is the root), those of folders with a slash behind them; empty where there is none. */
  list(folder: string): Promise<readonly string[]>;
  /** A file's text with LF; null where there is none, or it is none to be read. */
  read(path: string): Promise<string | null>;
  /** Files that are or were open, the latest first. */
  recent(): readonly string[];
}
