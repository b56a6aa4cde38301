/**
 * Kills the store's process at random moments of many stories: `node --import tsx test/bench/store/kill.ts [stories] [seed]`.
 * Prints a line of JSON after every 50 kills, sums of all so far; ends with 1 and a sentence where something was lost. docs/reliability.md has the figures.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Killed, killAtRandom, STORIES } from '../../server/store/kill';
import { scratch } from '../../server/store/records';

const PART = 50;

async function main(): Promise<void> {
  const stories = Number(process.argv[2] ?? 10_000);
  const seed = Number(process.argv[3] ?? 1);
  const place = scratch(true);
  const began = Date.now();
  const total: Killed = { kills: 0, stories: 0, early: 0, acknowledged: 0 };
  for (let part = 0; total.stories < stories; part++) {
    const sum = await killAtRandom(
      Math.min(PART, Math.ceil((stories - total.stories) / STORIES)),
      place.folder,
      seed * 1_000 + part,
    );
    total.kills += sum.kills;
    total.stories += sum.stories;
    total.early += sum.early;
    total.acknowledged += sum.acknowledged;
    for (const name of readdirSync(place.folder)) rmSync(join(place.folder, name), { force: true });
    console.log(JSON.stringify({ ...total, seed, seconds: Math.round((Date.now() - began) / 1000) }));
  }
  place.remove();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
