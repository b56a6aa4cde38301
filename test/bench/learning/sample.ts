/**
 * The acceptance case of the sample project: a few corrections of one convention, one round, then greedy completions at
 * places that were not corrected.
 *
 *   node --require tsx/cjs test/bench/learning/sample.ts [--model DIR] [--events 5] [--seconds 45] [--objective default] [--threads 1]
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchJob } from '../../../server/bench/learning/job';
import { EXPERIMENTS } from '../../../server/bench/objectives';
import { methodsOf } from '../../../server/bench/objectives/methods';
import { buildPrompt, promptBudget } from '../../../server/learning/prompt';
import { openModel } from '../../../server/model/open';
import type { Adapter, Decoder, Model } from '../../../server/model/types';
import type { LearningEvent } from '../../../server/store/records';
import { objectiveNamed } from '../../../server/training/objectives';
import { readReplayPool } from '../../../server/training/round/replay-pool';
import { roundOptions } from '../../../server/training/round-options';
import { complete } from '../../../server/training/trainer/evaluate';
import { runRound } from '../../../server/training/trainer/run-round';
import type { RoundOptions } from '../../../server/training/types';
import { ROOT } from '../../root';
import { storedEvent } from '../../server/store/records';
import { type Place, samplePlaces } from './places';

const root = ROOT;
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: path.join(root, 'media/model') },
    events: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '45' },
    objective: { type: 'string', default: 'default' },
    threads: { type: 'string', default: '1' },
    /** Changes to the round's options and to the objective, as JSON: for tuning. */
    options: { type: 'string', default: '{}' },
    change: { type: 'string', default: '{}' },
    gated: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const model = await openModel(values.model, { threads: Number(values.threads) });
  const places = samplePlaces();
  const corrected = inOrder(places.slice(0, Number(values.events)));
  const later = places.slice(8);
  const decoder = await model.decoder();
  const before = await greedy(model, decoder, null, [...corrected, ...later]);
  const events = corrected.map((place, i) => toEvent(model, place, before[i]!, i));
  const pool = await readReplayPool(path.join(root, 'media/model/replay.json'), [], 1);
  const options: RoundOptions = {
    ...roundOptions(Number(values.seconds), events.length),
    ...JSON.parse(values.options),
  };
  const out = mkdtempSync(path.join(tmpdir(), 'hindsight-sample-'));
  const objective = { ...objectiveNamed(values.objective, EXPERIMENTS), ...JSON.parse(values.change) };
  const job = benchJob(
    {
      objective,
      options,
      events,
      heldOut: later.map((place, i) => toEvent(model, place, '', 100 + i)),
      gated: values.gated,
    },
    pool,
    out,
  );
  const began = performance.now();
  let stepsBegan = 0;
  const result = await runRound(model, job, {
    methods: methodsOf(objective),
    gates: (gates) => {
      for (const one of gates) {
        const figures = one.gates.map(({ name, value }) => `${name} ${value?.toFixed(2)}`).join(', ');
        console.log(`  event ${one.eventId}: ${figures}${one.reason ? ` | ${one.reason}` : ''}`);
      }
    },
    step: (step) => {
      stepsBegan ||= performance.now();
      if (step.step % 10 === 0 || step.step === 1) {
        console.log(
          `  step ${step.step} ce ${step.crossEntropy.toFixed(3)} kl ${step.distillation.toFixed(3)} ` +
            `anchor ${step.anchor.toFixed(4)} |g| ${step.gradNorm.toFixed(2)} ${((performance.now() - began) / 1000).toFixed(1)} s`,
        );
      }
    },
  });
  const after = await greedy(model, decoder, result.adapter, later);
  const right = (texts: string[], of: Place[]) => of.filter((place, i) => texts[i] === place.right).length;
  for (const [i, place] of later.slice(0, 6).entries()) {
    console.log(`${place.name}: ${before[corrected.length + i]} → ${after[i]}`);
  }
  const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  console.log(
    JSON.stringify({
      objective: values.objective,
      events: events.length,
      steps: result.steps,
      seconds: +result.seconds.toFixed(1),
      secondsPerStep: +((performance.now() - stepsBegan) / 1000 / result.steps).toFixed(3),
      heldOutBefore: +mean(result.heldOut.map((s) => s.before)).toFixed(3),
      heldOutAfter: +mean(result.heldOut.map((s) => s.after)).toFixed(3),
      exactBefore: `${right(before.slice(corrected.length), later)}/${later.length}`,
      exactAfter: `${right(after, later)}/${later.length}`,
      bitsBefore: +(result.bitsBefore ?? 0).toFixed(4),
      bitsAfter: +(result.bitsAfter ?? 0).toFixed(4),
      verdict: result.verdict.state,
    }),
  );
  await decoder.close();
  await model.close();
  rmSync(out, { recursive: true, force: true });
}

/** The places as a developer comes to them, from top to bottom: those corrected before stand corrected above. */
function inOrder(places: Place[]): Place[] {
  return places.map((place, i) => {
    const before = places.slice(0, i).filter(({ file }) => file === place.file);
    const prefix = before.reduce(
      (text, { name, right }) =>
        text.replace(new RegExp(`(function ${name}\\(.*\\n {2}if \\(!id\\) \\{\\n)`), `$1    ${right}\n`),
      place.prefix,
    );
    return { ...place, prefix };
  });
}

/** First line of the greedy completion at each place, as the editor would ask for it. */
async function greedy(
  model: Model,
  decoder: Decoder,
  adapter: Adapter | null,
  places: Place[],
): Promise<string[]> {
  const prompts = places.map(({ file, prefix, suffix }) =>
    buildPrompt({
      format: model.format,
      tokenizer: model.tokenizer,
      path: file,
      prefix,
      suffix,
      budget: promptBudget(model.contextLength, 48, 640),
    }),
  );
  const made = await complete(model, decoder, adapter, prompts, 32);
  return made.map(({ text }) => text.split('\n')[0]!.trimEnd());
}

function toEvent(model: Model, place: Place, offered: string, id: number): LearningEvent {
  return storedEvent({
    id: id + 1,
    completionId: `sample-${id}`,
    createdAt: id,
    updatedAt: id,
    uri: `file:///${place.file}`,
    path: place.file,
    languageId: 'javascript',
    prefix: place.prefix,
    suffix: place.suffix,
    responseIds: model.tokenizer.encode(offered),
    text: offered,
    solution: place.right,
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
