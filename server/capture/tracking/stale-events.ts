/**
 * Learning events that an earlier server left waiting: it was closed or killed before they had settled. Spans are not
 * followed across restarts; what the file holds now shows whether the correction stayed.
 */
import { readFile } from 'node:fs/promises';
import { filePath } from '../../base/file-path';
import { isReplay, isUnfixed } from '../../protocol/signals';
import type { LearningEvent } from '../../store/records';
import type { FeedbackStore } from '../../store/store';
import { FIX_MS } from '../signals';

/** A server that is still alive settles its own events; younger ones are left to it, in ms. */
const QUIET_MS = 10 * 60_000;
const MOST = 2_000;
const FILE_LIMIT = 5_000_000;

/** Settles what can be settled; answers the completions whose events changed. `excluded` says which files are not read. */
export async function settleStaleEvents(
  store: FeedbackStore,
  now: number,
  excluded: (uri: string) => Promise<boolean>,
): Promise<string[]> {
  const changed: string[] = [];
  // The newest: texts kept as offered wait for ever, and would fill any number of places from the oldest on.
  const { events } = await store.panel.list({ status: 'waiting' }, 0, MOST);
  for (const { completionId, signals } of events) {
    if (isReplay(signals)) continue;
    const event = await store.events.of(completionId);
    if (event?.status !== 'waiting') continue;
    const verdict = await settle(event, now, excluded);
    if (verdict) {
      await store.events.settle(event, verdict.status, verdict.reason);
      changed.push(event.completionId);
    }
  }
  return changed;
}

async function settle(
  event: LearningEvent,
  now: number,
  excluded: (uri: string) => Promise<boolean>,
): Promise<{ status: 'ready' | 'dropped'; reason: string | null } | null> {
  const age = now - event.updatedAt;
  if (age < QUIET_MS) {
    return null;
  }
  if (isUnfixed(event.signals) && age < FIX_MS) {
    return null;
  }
  if (event.solution === null) {
    return { status: 'ready', reason: null };
  }
  const stands = (await excluded(event.uri)) ? false : await holds(event.uri, event.solution);
  return stands
    ? { status: 'ready', reason: null }
    : { status: 'dropped', reason: 'The edit did not stay: the file does not hold it any more.' };
}

/** Whether the file on disk holds this text. */
async function holds(uri: string, text: string): Promise<boolean> {
  const path = filePath(uri);
  const content = path === null ? '' : await readFile(path, 'utf8').catch(() => '');
  return (
    content.length < FILE_LIMIT && content.replaceAll('\r\n', '\n').includes(text.replaceAll('\r\n', '\n'))
  );
}
