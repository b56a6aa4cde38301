/**
 * The whole server's day with a fault at every call of the file system and every message between its threads and processes:
 *
 *     node --require tsx/cjs test/bench/server/day.ts [--from 0] [--every 1] [--seconds 3600]
 *
 *     node --require tsx/cjs test/bench/server/day.ts --kills 100 [--seed 1] [--seconds 3600]
 *
 * The second kills the whole server at random moments of such days. Prints a line for each day; goes on from a number (`--from`), and ends with 1 where something was lost or died.
 */
import { parseArgs } from 'node:util';
import { random } from '../../../server/base/random';
import { bundleServer } from '../../server/bundle';
import { faultsOf, KILL, liveThrough } from '../../server/day/day';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: '0' },
    every: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '3600' },
    kills: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});

async function main(): Promise<void> {
  const entry = await bundleServer();
  const began = Date.now();
  const plain = await liveThrough(entry, null);
  const source = random(Number(values.seed));
  // Two days are lived through at once, and each takes longer for it.
  const moments = Array.from({ length: Number(values.kills) }, () => ({
    role: 'server',
    kind: KILL,
    at: Math.floor(source.next() * 1.5 * (Date.now() - began)),
    code: 'SIGKILL',
  }));
  const faults = moments.length > 0 ? moments : faultsOf(plain);
  console.log(`${faults.length} faults; without one: ${plain.acknowledged} acknowledged; ${plain.round}`);
  const end = Date.now() + 1_000 * Number(values.seconds);
  let next = Number(values.from);
  const live = async () => {
    while (next < faults.length && Date.now() < end) {
      const at = next;
      next += Number(values.every);
      const fault = faults[at]!;
      const what = `${at}: ${fault.role}, ${fault.kind} ${fault.at}, ${fault.code}`;
      await liveThrough(entry, fault).then(
        ({ acknowledged, round }) => console.log(`${what}: ${acknowledged} acknowledged; ${round}`),
        (error: Error) => {
          console.error(`${what}: ${error.message}`);
          process.exitCode = 1;
        },
      );
    }
  };
  await Promise.all([live(), live()]);
  console.log(`next: --from ${next}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
