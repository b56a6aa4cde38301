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
  for (let i = 0; ; i++)
    await story(store, `${name}.${i}`, Date.now(), {
      stored: (what, id) => tell(`${what} ${id}`),
      deleting: (id) => tell(`deleting ${id}`),
      deleted: (id) => tell(`deleted ${id}`),
      registered: (adapter) => tell(`adapter ${adapter}`),
    });
}

const [name, ...files] = process.argv.slice(2);
files.forEach((file, number) => void tellStories(file, number, name!));
