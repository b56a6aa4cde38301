/**
 * A process that tells stories on a database until it is killed: `kill-child FILE NAME`. Each acknowledgement is a line on
 * stdout, written before anything else happens.
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../../server/store/store';
import { story } from './story';

async function main(file: string, name: string): Promise<void> {
  const tell = (line: string) => writeSync(1, `${line}\n`);
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

const [file, name] = process.argv.slice(2);
void main(file!, name!);
