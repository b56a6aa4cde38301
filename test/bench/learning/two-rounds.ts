/**
 * Does a second round keep what the first one taught? One convention is corrected and trained, then another, with the
 * first one's corrections rehearsed.
 *
 *   node --require tsx/cjs test/bench/learning/two-rounds.ts [--model DIR] [--events 5] [--seconds 60]
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { attempts, evaluate } from '../../../server/bench/learning/benchmark';
import { correct, type Place, runTest, simulateProject } from '../../../server/bench/learning/developer';
import { openModel } from '../../../server/model/open';
import type { Adapter } from '../../../server/model/types';
import type { LearningEvent } from '../../../server/store/records';
import { byDefault } from '../../../server/training/objectives/default';
import { readReplayPool } from '../../../server/training/round/replay-pool';
import { roundOptions } from '../../../server/training/round-options';
import { runRound } from '../../../server/training/trainer/run-round';
import { ROOT } from '../../root';

const root = ROOT;
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: path.join(root, 'media/model') },
    events: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
  },
});

async function main(): Promise<void> {
  const model = await openModel(values.model, { threads: 1 });
  const options = roundOptions(Number(values.seconds), Number(values.events));
  const parts = { scorer: await model.scorer(), decoder: await model.decoder() };
  const pool = await readReplayPool(path.join(root, 'media/model/replay.json'), [], 1);
  const out = mkdtempSync(path.join(tmpdir(), 'hindsight-two-rounds-'));
  const count = Number(values.events);
  const project = simulateProject(count * 5, 8, 1);
  const of = (places: Place[], name: string) =>
    places.filter(({ convention, distance }) => convention.name === name && distance === 'near');
  const lessons = ['log', 'failure'];
  const tell = async (when: string, adapter: Adapter | null) => {
    for (const name of lessons) {
      const places = of(project.later, name);
      const test = (i: number, text: string) => runTest(places[i]!, text) === null;
      const figures = await evaluate(model, parts, adapter, places, options, test);
      console.log(`${when}: ${name} ${JSON.stringify(figures)}`);
    }
  };
  await tell('before', null);
  let adapterDirectory: string | null = null;
  let adapter: Adapter | null = null;
  const rehearsed: LearningEvent[] = [];
  for (const [round, name] of lessons.entries()) {
    const places = of(project.training, name);
    const offered = await attempts(model, parts.decoder, adapter, places, options);
    const events = places.flatMap(
      (place, i) => correct(place, offered[i]!, 'text', round * 100 + i + 1) ?? [],
    );
    const outputDirectory = path.join(out, name);
    const result = await runRound(model, {
      objective: byDefault,
      options,
      adapterDirectory,
      events,
      rehearsed: [...rehearsed],
      heldOut: [],
      replay: pool.train,
      replayHeld: pool.held,
      outputDirectory,
      checkpointPath: null,
      gated: true,
    });
    adapterDirectory = outputDirectory;
    adapter = result.adapter;
    rehearsed.push(...events);
    const bits = `${result.bitsBefore?.toFixed(4)} → ${result.bitsAfter?.toFixed(4)} bits per byte`;
    console.log(
      `round ${round + 1} (${name}, ${events.length} corrections): ${result.verdict.message} ${bits}, ${result.seconds.toFixed(0)} s`,
    );
    await tell(`after round ${round + 1}`, adapter);
  }
  await model.close();
  rmSync(out, { recursive: true, force: true });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
