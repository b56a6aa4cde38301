/**
 * A process that tells stories on several databases at once until it is killed: `kill-child NAME FILE…`. Each acknowledgement
 * is a line on stdout that begins with the database's number, written before anything else happens.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../../server/store/store';
import { story } from './story';

async function tellStories(file: string, number: number, name: string): Promise<void> {
  const tell = (line: string) => writeSync(1, `${number} ${line}\n`);
  const store = await openStore(file, { onTrouble: (sentence) => tell(`trouble ${sentence}`) });
  tell('open');
  // As the server does: a process that was killed may have left the rest of a deletion.
  void store.finishDeletion();
  for (let i = 0; ; i++) {
    await story(store, `${name}.${i}`, Date.now(), {
      stored: (what, id) => tell(`${what} ${id}`),
      deleting: (id) => tell(`deleting ${id}`),
      deleted: (id) => tell(`deleted ${id}`),
      registered: (adapter) => tell(`adapter ${adapter}`),
    });
    if (Math.random() < EVERYTHING) {
      tell('deleting everything');
      await store.delete({ scope: 'all' });
      tell('deleted everything');
    }
  }
}

/** How often everything is deleted after a story. */
const EVERYTHING = 0.3;

const [name, ...files] = process.argv.slice(2);
files.forEach((file, number) => void tellStories(file, number, name!));
