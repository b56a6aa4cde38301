/** The self-distillation loss and its gradient on the logits, in closed form (SDPO, arXiv 2601.20802; GKD's generalised JSD). */
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';

/** log softmax(z) and softmax(z) over the last axis, from operators that every device has. */
export function logSoftmax(g: GraphBuilder, logits: Value): { logProbs: Value; probs: Value } {
  const shifted = g.sub(logits, g.reduceMax(logits, -1));
  const exp = g.exp(shifted);
  const sum = g.reduceSum(exp, -1);
  return { logProbs: g.sub(shifted, g.log(sum)), probs: g.div(exp, sum) };
}

/**
 * What the teacher says of each position.
 * `full`: log-probabilities of the whole vocabulary. `tail`: of K chosen tokens, and one bucket for the rest.
 */
export type Support = 'full' | 'tail';

/** Probabilities below this count as this: it keeps logarithms finite and is far below float32's rounding of 1. */
export const tiny = 1e-20;

export interface LossOutputs {
  /** Value of each term at each position, before its weight, [rows]. */
  losses: { crossEntropy: Value; forward: Value; reverse: Value; jsd: Value };
  /** d(Σ weight · term)/d(logits), [rows, vocabulary]. */
  gradient: Value;
}

/** A distribution over the buckets of the support: probabilities and their logarithms, [rows, buckets]. */
interface Buckets {
  p: Value;
  log: Value;
}

/**
 * Per position r, with student Q, teacher P, mixture M = βP + (1−β)Q over the support's buckets:
 *
 *     w_ce·(−log q_y) + w_f·KL(P‖Q) + w_r·KL(Q‖P) + w_j·[β KL(P‖M) + (1−β) KL(Q‖M)]
 *
 * With a_b = Q_b·∂f/∂Q_b (up to a constant in ∂f/∂Q_b, which cancels) and H = Σ_b a_b, the gradient on the logit of a
 * bucket's own token is a_b − Q_b·H, and on the logit of token v in the tail t it is q_v·(a_t/Q_t − H).
 * The support counts as fixed. Declares the inputs `targets`, `w_ce`, `w_forward`, `w_reverse`, `w_jsd`, `beta` [rows],
 * and `teacher` [rows, vocabulary] or [rows, k] with `support` [rows, k] and `teacher_tail` [rows, 1]:
 * all the teacher's in log-probabilities.
 */
export function distillationLoss(g: GraphBuilder, logits: Value, kind: Support): LossOutputs {
  const vocabulary = logits.shape[1]!;
  const perRow = (name: string) => g.unsqueeze(g.input(name, 'float32', ['rows']), -1);
  const targets = g.unsqueeze(g.input('targets', 'int64', ['rows']), -1);
  const [wCe, wForward, wReverse, wJsd] = ['w_ce', 'w_forward', 'w_reverse', 'w_jsd'].map(perRow);
  const beta = perRow('beta');
  const width = kind === 'full' ? vocabulary : 'k';
  const given = g.input('teacher', 'float32', ['rows', width]);
  const ids = kind === 'full' ? undefined : g.input('support', 'int64', ['rows', 'k']);

  const { logProbs, probs } = logSoftmax(g, logits);
  const student = studentBuckets(g, { logProbs, probs, ids });
  const teacher = teacherBuckets(g, kind, given);
  const gap = g.sub(teacher.log, student.log);
  const rest = g.sub(g.float(1), beta);
  const mixture = g.add(g.mul(beta, teacher.p), g.mul(rest, student.p));
  const logMixture = g.log(g.max(mixture, g.float(1e-37)));
  const reverseTerm = g.neg(g.mul(student.p, gap));
  const studentToMixture = g.mul(student.p, g.sub(student.log, logMixture));
  const teacherToMixture = g.mul(teacher.p, g.sub(teacher.log, logMixture));

  const sum = (x: Value) => g.reduceSum(x, -1, false);
  const losses = {
    crossEntropy: g.neg(g.squeeze(g.gatherElements(logProbs, targets), -1)),
    forward: sum(g.mul(teacher.p, gap)),
    reverse: sum(reverseTerm),
    jsd: sum(g.add(g.mul(beta, teacherToMixture), g.mul(rest, studentToMixture))),
  };

  const a = g.sub(
    g.add(g.mul(wReverse!, reverseTerm), g.mul(g.mul(wJsd!, rest), studentToMixture)),
    g.mul(wForward!, teacher.p),
  );
  const h = g.reduceSum(a, -1);
  const own = g.sub(a, g.mul(student.p, h));
  return { losses, gradient: g.scatterElements(spread(), targets, g.neg(wCe!), 'add') };

  /** The gradient of everything but the cross-entropy's own token. */
  function spread(): Value {
    if (kind === 'full') return g.add(own, g.mul(probs, wCe!));
    const chosen = g.mul(g.gatherElements(probs, ids!), wCe!);
    const ratio = g.div(lastColumn(g, a), lastColumn(g, student.p));
    const outside = g.mul(probs, g.add(g.sub(ratio, h), wCe!));
    return g.scatterElements(outside, ids!, g.add(firstColumns(g, own), chosen));
  }
}

function studentBuckets(
  g: GraphBuilder,
  { logProbs, probs, ids }: { logProbs: Value; probs: Value; ids?: Value },
): Buckets {
  if (!ids) return { p: probs, log: logProbs };
  const log = g.gatherElements(logProbs, ids);
  const p = g.exp(log);
  // Summed over the rest itself: 1 − Σp would be rounding error wherever the support holds nearly everything.
  const outside = g.scatterElements(probs, ids, g.mul(p, g.float(0)));
  const tail = g.max(g.reduceSum(outside, -1), g.float(tiny));
  return { p: g.concat([p, tail], -1, 'buckets'), log: g.concat([log, g.log(tail)], -1, 'buckets') };
}

function teacherBuckets(g: GraphBuilder, kind: Support, log: Value): Buckets {
  if (kind === 'full') return { p: g.exp(log), log };
  const all = g.concat([log, g.input('teacher_tail', 'float32', ['rows', 1])], -1, 'buckets');
  return { p: g.exp(all), log: all };
}

function lastColumn(g: GraphBuilder, x: Value): Value {
  return g.slice(x, -1, -1, undefined, 1);
}

function firstColumns(g: GraphBuilder, x: Value): Value {
  return g.slice(x, -1, 0, -1, 'k');
}
