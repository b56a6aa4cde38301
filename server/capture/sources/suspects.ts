/** The completions that may be what made a run fail. */
import { filePath } from '../../base/file-path';
import { FIX_MS } from '../signals';
import type { TrackedCompletions } from '../tracking/completions';
import type { TrackedCompletion } from '../tracking/tracked-completion';
import { type Candidate, scopeOf } from './attribution';

/** A completion as it stood when the run was reported. */
export interface Suspect {
  completion: TrackedCompletion;
  candidate: Candidate;
  text: string;
}

/** Those that were accepted and saved before the run ended, and are not older than a day; by their ids. */
export function suspectsOf(tracked: TrackedCompletions, endedAt: number): Map<string, Suspect> {
  const suspects = new Map<string, Suspect>();
  const lines = new Map<string, readonly string[]>();
  for (const completion of tracked.all()) {
    const candidate = candidateOf(tracked, completion, endedAt, lines);
    if (candidate) {
      suspects.set(candidate.id, { completion, candidate, text: completion.current });
    }
  }
  return suspects;
}

function candidateOf(
  tracked: TrackedCompletions,
  completion: TrackedCompletion,
  endedAt: number,
  known: Map<string, readonly string[]>,
): Candidate | null {
  const path = filePath(completion.uri);
  const fresh = completion.decidedAt <= endedAt && endedAt - completion.decidedAt < FIX_MS;
  if (!completion.isStanding || !completion.onDisk || !fresh || path === null) {
    return null;
  }
  const document = tracked.documentOf(completion);
  const range = document?.rangeOf(completion.span);
  const startLine = range?.start.line ?? completion.resting?.startLine;
  const endLine = range?.end.line ?? completion.resting?.endLine;
  if (startLine === undefined || endLine === undefined) {
    return null;
  }
  // A long file is taken apart once, however many completions stand in it.
  const lines = known.get(path) ?? document?.text.split('\n') ?? completion.resting!.lines;
  known.set(path, lines);
  const scope = scopeOf(lines, startLine, endLine);
  return { id: completion.record.id, path, startLine, endLine, scope, acceptedAt: completion.decidedAt };
}
