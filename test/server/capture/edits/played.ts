/** Plays what becomes of an accepted text, and says what is learned from it. */
import assert from 'node:assert/strict';
import type { Reason } from '../../../../extension/signals/edit-source';
import { Session } from '../session';

export const FILE = 'export function find(id: string) {\n  return \n}\n';

export const corrected = (solution: string, weight = 1) => ({
  signals: ['edited'],
  solution,
  weight,
  status: 'ready',
});

export class Played {
  private constructor(readonly s: Session) {}

  static async start(): Promise<Played> {
    return new Played(await Session.start());
  }

  /** Accepts `text` behind `after` and saves. */
  take(text: string, before = FILE, after = 'return ', path = 'src/a.ts', language = 'typescript'): string {
    const { s } = this;
    s.open(path, before, language);
    const id = s.take(path, after, text);
    s.save(path);
    s.advance(5_000);
    return id;
  }

  /** Saves, lets all settle and counts what was kept; answers what is learned: null, or its signals and text. */
  async learned(id: string, path = 'src/a.ts') {
    const { s } = this;
    if (s.files.has(path)) s.save(path);
    s.advance(61_000);
    const early = await s.event(id);
    s.advance(640_000);
    const event = await s.event(id);
    assert.deepEqual(event?.solution ?? null, early?.solution ?? event?.solution ?? null);
    if (!event || event.status === 'dropped' || event.signals.join() === 'kept') return null;
    return { signals: event.signals, solution: event.solution, weight: event.weight, status: event.status };
  }

  /** A whole file is handed over anew, as reloads and checkouts do. */
  reload(text: string, reason: Reason, path = 'src/a.ts'): void {
    const { s } = this;
    s.because(path, s.whole(path, text), reason);
    s.onDisk(path, text);
  }
}
