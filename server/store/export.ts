/** The developer's data as one JSON object a line: every completion with its whole story. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { FeedbackStore } from './store';

const PAGE = 200;

/**
 * Writes every completion's story to `path`, newest first. The file appears whole or not at all.
 *
 * @returns how many lines were written
 * @throws Error where the file cannot be written
 */
export async function exportJsonl(store: Pick<FeedbackStore, 'panel'>, path: string): Promise<number> {
  const unfinished = `${path}.part`;
  const out = createWriteStream(unfinished, { mode: 0o600 });
  let rows = 0;
  try {
    await once(out, 'open');
    for (let offset = 0; ; offset += PAGE) {
      const { events } = await store.panel.list({}, offset, PAGE);
      for (const { completionId } of events) {
        const story = await store.panel.story(completionId);
        if (!story) continue;
        if (!out.write(`${JSON.stringify(story)}\n`)) await once(out, 'drain');
        rows++;
      }
      if (events.length < PAGE) break;
    }
    out.end();
    await once(out, 'close');
    await rename(unfinished, path);
    return rows;
  } catch (error) {
    out.destroy();
    await rm(unfinished, { force: true });
    throw error;
  }
}
