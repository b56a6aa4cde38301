import type { Reward } from '../../training/augment/answers';
import { controlEvent } from '../../training/gates/gates';
import type { Methods } from '../../training/trainer/hooks';
import type { Experiment } from './experiment';
import { ExperimentRows } from './rows';
import { TEACHERS } from './teachers';

/** What a round does otherwise for an experiment. */
export function methodsOf(experiment: Experiment, reward: Reward | null = null): Methods {
  const { teacher = 'frozen', teacherRate = 0, shuffled, tested, sampled, grpo, warmStart } = experiment;
  const ownRows = experiment.sampler !== 'teacher' || sampled || grpo || warmStart !== undefined;
  return {
    teacher: (scorer, topK) => TEACHERS[teacher](scorer, topK, teacherRate),
    ...(ownRows ? { rows: (parts) => new ExperimentRows(parts, experiment, reward) } : {}),
    ...(shuffled
      ? { feedbackFor: (one, all) => controlEvent(one, all) ?? all[(all.indexOf(one) + 1) % all.length]! }
      : {}),
    ...(tested && reward ? { reward } : {}),
  };
}
