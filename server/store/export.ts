/** The developer's data as one JSON object a line: every completion with its whole story. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  let rows = 0;
  async function* lines(): AsyncGenerator<string> {
    for (let offset = 0; ; offset += PAGE) {
      const { events } = await store.panel.list({}, offset, PAGE);
      for (const { completionId } of events) {
        const story = await store.panel.story(completionId);
        if (!story) continue;
        rows++;
        yield `${JSON.stringify(story)}\n`;
      }
      if (events.length < PAGE) return;
    }
  }
  try {
    await pipeline(Readable.from(lines()), createWriteStream(unfinished, { mode: 0o600 }));
    await rename(unfinished, path);
    return rows;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
