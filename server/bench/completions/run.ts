/** Completes the places of a set by the product's own code, and says what was shown and whether it was right. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codePlace } from '../../completion/code-place';
import { type Completer, complete } from '../../completion/complete';
import { standsInText } from '../../completion/in-text';
import { ContextGatherer } from '../../prompt-context/gather';
import { GivenFiles } from '../../prompt-context/given-files';
import type { ContextKind } from '../../prompt-context/types';
import type { BenchPlace } from './bench-place';

export interface BenchResult {
  id: string;
  group: string;
  /** Nothing should have been offered. */
  quiet: boolean;
  text: string | null;
  /** Why nothing was offered. */
  reason: string | null;
  /** What the model wrote, before any rule. */
  raw: string;
  /** The first line is the one that stood there; of places with nothing to offer, that nothing was. */
  right: boolean;
  /** Levenshtein similarity of the first lines, in [0, 1]. */
  similarity: number;
  /** The completed program ran through its tests; null where there are none. */
  passed: boolean | null;
  ms: number;
  promptTokens: number;
  contextTokens: number;
}

export interface RunOptions {
  kinds: readonly ContextKind[];
  contextTokens?: number;
  maxTokens: number;
}

const gatherer = new ContextGatherer();

export async function runPlace(by: Completer, place: BenchPlace, options: RunOptions): Promise<BenchResult> {
  const { path, languageId, files, edits } = place;
  const started = performance.now();
  const { prefix, suffix, around } = codePlace(place.prefix + place.suffix, place.prefix.length);
  const inText = standsInText(place.prefix, path, languageId);
  const code = { path, languageId, prefix, suffix, inText };
  const line = place.prefix.split('\n').length;
  const sources = { files: new GivenFiles(files), edits, problems: [], line };
  const seen = { ...code, text: place.prefix + place.suffix };
  const context = options.kinds.length === 0 ? [] : await gatherer.gather(seen, sources, options.kinds);
  const { contextTokens, maxTokens } = options;
  const query = {
    document: place.id,
    ...code,
    context,
    contextTokens,
    lookups: around,
    feedback: null,
    maxTokens,
  };
  const { text, why, raw, promptTokens, contextTokens: used } = await complete(by, query);
  const ms = performance.now() - started;
  const wanted = firstLine(place.wanted ?? '');
  return {
    id: place.id,
    group: place.group,
    quiet: place.wanted === null,
    text,
    reason: why,
    raw,
    right: place.wanted === null ? text === null : text !== null && firstLine(text) === wanted,
    similarity: text === null || place.wanted === null ? 0 : similarity(firstLine(text), wanted),
    passed: place.program ? await passes(place.program.before + (text ?? '') + place.program.after) : null,
    ms,
    promptTokens,
    contextTokens: used,
  };
}

/** The first line that is not blank, without the blanks around it. */
export const firstLine = (text: string): string => text.trim().split('\n')[0]!.trimEnd();

/** 1 − edit distance over the longer length. */
function similarity(a: string, b: string): number {
  if (a === b) return 1;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return 1 - row[b.length]! / Math.max(a.length, b.length);
}

/** Longest time that a program's tests may take, in ms. */
const TEST_MS = 5_000;
/** A program that a model wrote gets no more than this of memory (bytes) and processor time (seconds), and no byte in a file. */
const LIMITS = 'ulimit -v 1048576 -t 4 -f 0; exec python3 -I -';

/** Whether a Python program ends with success. It runs in an empty folder, with limits, without the user's settings. */
export async function passes(program: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-bench-'));
  try {
    const child = spawn('sh', ['-c', LIMITS], {
      cwd: folder,
      env: { PATH: process.env.PATH },
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: TEST_MS,
      killSignal: 'SIGKILL',
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(program);
    return await new Promise<boolean>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve(code === 0));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
