/** A real VS Code with completions on, and text typed into a file of the sample while its extension host is watched. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fixture } from '../../e2e/fixture';
import { extensionHostOf } from './host';

/** From one key to the next. */
const BETWEEN_MS = 120;
const TEXT = 'const user = users.get(id); if (user === undefined) return null; // and so on \n';

export interface Watch<T> {
  /** @param host process id */
  start(host: number): Promise<void>;
  stop(): Promise<T>;
}

/** What `watch` found out between the first key and half a second after the last. */
export async function whileTyping<T>(
  name: string,
  keys: number,
  watch: Watch<T>,
  nodeArguments: string[] = [],
): Promise<T> {
  const settings = { 'hindsight.learning.automatic': false };
  const fixture = await Fixture.start(name, { settings, nodeArguments });
  try {
    await fixture.editor.ready();
    await fixture.offer('users.js', 'loadUser');
    await fixture.editor.press('Escape');
    await watch.start(extensionHostOf(fixture.workspace.home));
    const typed = TEXT.repeat(Math.ceil(keys / TEXT.length)).slice(0, keys);
    await fixture.editor.page.keyboard.type(typed, { delay: BETWEEN_MS });
    await sleep(500);
    return await watch.stop();
  } finally {
    await fixture.stop();
  }
}
