/**
 * Kills the store's process at many random moments: `node --import tsx test/bench/store/kill.ts [kills] [seed]`.
 * Prints one line of JSON; ends with 1 and a sentence where something was lost. docs/reliability.md has the figures.
 */
import { killAtRandom } from '../../server/store/kill';
import { scratch } from '../../server/store/records';

async function main(): Promise<void> {
  const kills = Number(process.argv[2] ?? 10_000);
  const seed = Number(process.argv[3] ?? 1);
  const place = scratch(true);
  const began = Date.now();
  const sum = await killAtRandom(kills, place.folder, seed);
  console.log(JSON.stringify({ ...sum, seed, seconds: Math.round((Date.now() - began) / 1000) }));
  place.remove();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
