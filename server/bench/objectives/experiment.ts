/** An objective that exists to be compared with: the product's record, and where it goes other ways. */
import type { Objective } from '../../training/types';
import type { TeacherKind } from './teachers';

export interface Experiment extends Objective {
  /** Default frozen. */
  teacher?: TeacherKind;
  /** Trust region: share of the live model. EMA: step of the average at each refresh. */
  teacherRate?: number;
  /**
   * Whose samples the b term is on; default the student's. These never enter a branch that it finds improbable; the
   * teacher, who has read the feedback, writes them. Either way the teacher's distribution is what is learned.
   */
  sampler?: 'student' | 'teacher' | 'both';
  /** The b term is estimated at the sampled token alone, with importance and advantage clips. */
  sampled?: boolean;
  /** Largest reverse KL of one token, in nats; above it the token's weight is reduced. Default none. */
  tokenClip?: number | null;
  /** The teacher reads another event's feedback: the control. */
  shuffled?: boolean;
  /** The teacher reads the rule of the correction and two of the rule's others, never the own text. */
  ruled?: boolean;
  /** The answers are those that pass the tests, where tests can be run. */
  tested?: boolean;
  /** Group-relative policy gradient on rewarded samples; needs a reward. */
  grpo?: boolean;
  /** λ of the hybrid advantage A = λ·A_grpo + (1 − λ)·A_teacher; default 0.5. */
  hybrid?: number;
  /** Steps of plain cross-entropy before the objective's own terms begin. */
  warmStart?: number;
}
