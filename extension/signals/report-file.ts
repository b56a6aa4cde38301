/** Test reports among the files of a workspace: JUnit's XML, TAP, go test's JSON. Knows nothing of the editor. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Names that a report may have; what is in the file decides. */
export const REPORT_GLOB = '**/*.{xml,tap,json,jsonl,ndjson}';

/** A report is recognised by its beginning, in bytes. */
const HEAD = 4_096;
/** Read of one report, at most, in bytes; of a longer one its beginning. */
const MOST = 4_000_000;
/** Entries of one folder that are read, at most. */
const MOST_ENTRIES = 300;
const FOREIGN = /[\\/](?:node_modules|\.git|\.venv|site-packages|vendor)[\\/]/;
/** The results of a run are written quickly; a file that is older when it is noticed was copied there. */
const DAY_MS = 24 * 3_600_000;

export interface Report {
  output: string;
  /** In ms since the epoch: when the file was written, and when its run began as far as it says. */
  endedAt: number;
  startedAt: number;
}

/** Whether a file may hold a report, by its path alone. */
export function mayBeReport(path: string): boolean {
  return !FOREIGN.test(path) && /\.(?:xml|tap|jsonl?|ndjson)$/i.test(path);
}

/** Whether a path that has just come to be may be a folder of reports: names of files have an extension. */
export function mayBeReportFolder(path: string): boolean {
  return !FOREIGN.test(`${path}/`) && !basename(path).includes('.');
}

/** Files of a new folder and of the folders in it that may be reports; none where it is no folder. */
export async function reportsIn(folder: string, depth = 3): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.slice(0, MOST_ENTRIES)) {
    const path = join(folder, entry.name);
    if (entry.isFile() && mayBeReport(path)) found.push(path);
    else if (entry.isDirectory() && depth > 1 && mayBeReportFolder(path))
      found.push(...(await reportsIn(path, depth - 1)));
  }
  return found;
}

/** Whether a text begins as a report does. */
export function beginsAsReport(head: string): boolean {
  const text = head.replace(/^\uFEFF/, '').trimStart();
  return (
    /^<testsuites?\b/.test(rootOf(text)) ||
    /^(?:TAP version \d+\s|(?:1\.\.\d+|(?:not )?ok 1\b.*)$)/m.test(text.slice(0, 200)) ||
    /^\{"(?:Time|ImportPath|Action)":[^\n]*"Action":/.test(text)
  );
}

/** XML from its first element: what stands before it, a declaration and comments, is passed over once, however much it is. */
function rootOf(xml: string): string {
  let at = 0;
  for (;;) {
    while (xml[at] !== undefined && xml[at]!.trim() === '') at++;
    const end = xml.startsWith('<?', at) ? '?>' : xml.startsWith('<!--', at) ? '-->' : null;
    if (end === null) return xml.slice(at, at + 20);
    const close = xml.indexOf(end, at + 2);
    if (close < 0) return '';
    at = close + end.length;
  }
}

/** The report in a file; null where it holds none. Reads the beginning alone where that is no report's. */
export async function readReport(path: string): Promise<Report | null> {
  const file = await open(path, 'r');
  try {
    const { mtimeMs, size } = await file.stat();
    const head = Buffer.alloc(Math.min(HEAD, size));
    await file.read(head, 0, head.length, 0);
    const start = head.toString('utf8');
    if (!beginsAsReport(start)) return null;
    const whole = Buffer.alloc(Math.min(MOST, size));
    const { bytesRead } = await file.read(whole, 0, whole.length, 0);
    const output = whole.toString('utf8', 0, bytesRead);
    return { output, endedAt: mtimeMs, startedAt: startOf(start, mtimeMs) };
  } finally {
    await file.close();
  }
}

/** When the file was written last, in ms since the epoch; null where it is gone. */
export async function writtenAt(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.mtimeMs : null;
}

/** When the run began: what was saved while it ran is not what it tested. */
function startOf(head: string, endedAt: number): number {
  const suite = head.indexOf('<testsuite');
  const tag = suite < 0 ? '' : head.slice(suite, head.indexOf('>', suite) + 1 || undefined);
  const seconds = Number(/\btime="([\d.]{1,20})"/.exec(tag)?.[1] ?? 0);
  const time = Date.parse(/^\{"Time":"([^"]+)"/.exec(head)?.[1] ?? '');
  const begun = Number.isNaN(time) ? endedAt - 1000 * seconds : time;
  return begun <= endedAt && endedAt - begun < DAY_MS ? begun : endedAt;
}
