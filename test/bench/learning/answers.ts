/**
 * How good the teacher's answers are, before any training: at places of the simulated project, with words or test output
 * for feedback, its first answer against the right text. `--wrong` gives every place the words of another convention.
 *
 *   node --require tsx/cjs test/bench/learning/answers.ts [--model DIR] [--places 20] [--feedback words] [--tested] [--wrong]
 */

import path from 'node:path';
import { parseArgs } from 'node:util';
import { attempts } from '../../../server/bench/learning/benchmark';
import {
  correct,
  type FeedbackMode,
  type Place,
  runTest,
  simulateProject,
} from '../../../server/bench/learning/developer';
import { openModel } from '../../../server/model/open';
import type { LearningEvent } from '../../../server/store/records';
import { ParseCheck } from '../../../server/syntax/parse-check';
import { teacherAnswers } from '../../../server/training/augment/answers';
import { meanLogProb } from '../../../server/training/gates/gates';
import { byDefault } from '../../../server/training/objectives/default';
import { roundOptions } from '../../../server/training/round-options';
import { prepare } from '../../../server/training/trainer/prepare';
import { ROOT } from '../../root';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: path.join(ROOT, 'media/model') },
    places: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    feedback: { type: 'string', default: 'words' },
    tested: { type: 'boolean', default: false },
    wrong: { type: 'boolean', default: false },
  },
});

const passes = (place: Place, text: string) => runTest(place, text.split('\n')[0]!) === null;

async function main(): Promise<void> {
  const model = await openModel(values.model, { threads: 0 });
  const { training } = simulateProject(Number(values.places), 1, Number(values.seed));
  const options = roundOptions(90);
  const [decoder, scorer, parsers] = [await model.decoder(), await model.scorer(), new ParseCheck()];
  const offered = await attempts(model, decoder, null, training, options);
  const all = training.flatMap((place, i) => {
    const event = correct(place, offered[i]!, values.feedback as FeedbackMode, i + 1);
    return event ? [{ event, place }] : [];
  });
  const placeOf = new Map(all.map(({ event, place }) => [event.id, place]));
  const reward = ({ id }: LearningEvent, text: string) => (passes(placeOf.get(id)!, text) ? 1 : 0);
  const parts = {
    model,
    scorer,
    parsers,
    options,
    decoder: async () => decoder,
    reward: values.tested ? reward : null,
    drawn: () => undefined,
  };
  const count = { right: 0, passed: 0, none: 0 };
  const began = performance.now();
  for (const [i, { event, place }] of all.entries()) {
    const others = all.filter((other) => other.place.convention !== place.convention);
    const told = values.wrong ? others[i % others.length]! : { event, place };
    const one = prepare(model, event, byDefault, options, told.event);
    const [best] = await teacherAnswers(parts, one, 1);
    if (best?.text.trim() === place.right) count.right++;
    if (best && passes(place, best.text)) count.passed++;
    if (!best) count.none++;
    const alone = best && meanLogProb((await scorer.score(one.prompt, best.ids, null, 0)).logProbs);
    console.log(
      `${place.convention.name} told of ${told.place.convention.name}: ${best?.text ?? 'none'}  (${best?.from}, ` +
        `teacher ${best?.logProb.toFixed(2)}, student ${alone?.toFixed(2)})  right: ${place.right}`,
    );
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ ...values, model: undefined, events: all.length, ...count, seconds }));
  await model.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
