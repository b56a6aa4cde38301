/** A real VS Code with completions on, and text typed into a file of the sample while its extension host is watched. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fixture } from '../../e2e/fixture';
import { HostProfiler } from './host-profiler';

/** From one key to the next. */
export const BETWEEN_MS = 120;
const TEXT = 'const user = users.get(id); if (user === undefined) return null; // and so on \n';

export interface Watch<T> {
  start(host: HostProfiler): Promise<void>;
  stop(host: HostProfiler): Promise<T>;
}

/** What `watch` found out between the first key and half a second after the last. */
export async function whileTyping<T>(name: string, keys: number, watch: Watch<T>): Promise<T> {
  const fixture = await Fixture.start(name, { settings: { 'hindsight.learning.automatic': false } });
  try {
    await fixture.editor.ready();
    await fixture.offer('users.js', 'loadUser');
    await fixture.editor.press('Escape');
    const host = await HostProfiler.attach(fixture.workspace.home);
    await watch.start(host);
    const typed = TEXT.repeat(Math.ceil(keys / TEXT.length)).slice(0, keys);
    await fixture.editor.page.keyboard.type(typed, { delay: BETWEEN_MS });
    await sleep(500);
    return await watch.stop(host);
  } finally {
    await fixture.stop();
  }
}
