import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { topIds } from '../../../server/base/logits';
import {
  groupAdvantages,
  grpoToken,
  importanceRatio,
  mixLogProbs,
  sampledToken,
} from '../../../server/bench/objectives/policy';
import { crossEntropy, divergence, type LossAt } from '../../../server/learning/objective';
import { union } from '../../../server/learning/support';
import { goldenFolder } from './golden';

const fixtures = JSON.parse(readFileSync(goldenFolder('loss_fixtures.json'), 'utf8'));
const students: number[][] = fixtures.student_logits;
const teachers: number[][] = fixtures.teacher_logits;
const close = (actual: number, expected: number, what: string, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${what}: ${actual} instead of ${expected}`);

/** Largest difference between a gradient and central differences of its value. */
function gradientError(
  at: number[],
  loss: (logits: number[]) => LossAt,
  value = (l: LossAt) => l.value,
): number {
  const { gradient } = loss(at);
  return Math.max(
    ...at.map((_, i) => {
      const moved = (by: number) => value(loss(at.map((x, j) => (j === i ? x + by : x))));
      return Math.abs((moved(1e-5) - moved(-1e-5)) / 2e-5 - gradient[i]!);
    }),
  );
}

describe('the objective', () => {
  it('agrees with the reference on full divergences', () => {
    for (const alpha of [0, 0.5, 1]) {
      const expected: number[] = fixtures.full[alpha.toFixed(1)];
      for (const [t, value] of expected.entries()) {
        close(divergence(students[t]!, teachers[t]!, { alpha }).value, value, `alpha ${alpha} at ${t}`);
      }
    }
    for (const [alpha, name] of [
      [0, 'grad_forward_full'],
      [1, 'grad_reverse_full'],
      [0.5, 'grad_jsd05_full'],
    ] as const) {
      const rows: number[][] = fixtures[name];
      for (const [t, row] of rows.entries()) {
        const { gradient } = divergence(students[t]!, teachers[t]!, { alpha });
        for (const [i, g] of row.entries()) close(gradient[i]!, g, `${name} ${t},${i}`);
      }
    }
  });

  it('agrees with the reference on top-K supports with a tail', () => {
    for (const [name, expected] of Object.entries<number[]>(fixtures.topk)) {
      const [, alpha, k] = /a([\d.]+)_k(\d+)_tailTrue/.exec(name) ?? [];
      if (alpha === undefined) continue;
      for (const [t, value] of expected.entries()) {
        const support = topIds(students[t]!, Number(k));
        const options = { alpha: Number(alpha), support };
        close(divergence(students[t]!, teachers[t]!, options).value, value, `${name} at ${t}`);
      }
    }
  });

  it('agrees with the reference on sampled tokens and the importance clip', () => {
    const { sampled } = fixtures;
    for (const [t, token] of fixtures.tokens.entries()) {
      const loss = sampledToken(students[t]!, teachers[t]!, token);
      close(loss.advantage, sampled.advantage[t], 'advantage');
      close(loss.value, sampled.loss_value[t], 'loss');
      const ratio = importanceRatio(sampled.student_logp[t], fixtures.old_logps[t], 2);
      close(ratio, sampled.is_ratio_clip2[t], 'ratio', 1e-6);
    }
  });

  it('has gradients that finite differences confirm', () => {
    const logits = fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: 7, maxLength: 7 });
    const alphas = fc.constantFrom(0, 0.25, 0.5, 1);
    fc.assert(
      fc.property(logits, logits, alphas, (student, teacher, alpha) => {
        const support = union(topIds(teacher, 2), topIds(student, 2));
        const fixed = { alpha, support };
        assert.ok(gradientError(student, (z) => divergence(z, teacher, fixed)) < 1e-6);
        assert.ok(gradientError(student, (z) => divergence(z, teacher, { alpha })) < 1e-6);
        assert.ok(gradientError(student, (z) => crossEntropy(z, 3)) < 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('is never negative, and nothing where teacher and student agree', () => {
    for (const alpha of [0, 0.3, 1]) {
      for (const [t, student] of students.entries()) {
        assert.ok(divergence(student, teachers[t]!, { alpha, support: [0, 3] }).value >= 0);
        const same = divergence(student, student, { alpha, support: [0, 3] });
        close(same.value, 0, 'value');
        assert.ok(same.gradient.every((g) => Math.abs(g) < 1e-12));
      }
    }
  });

  it('clips the value of a token, the advantage and the ratio', () => {
    const free = divergence(students[2]!, teachers[2]!, { alpha: 1 });
    const bound = divergence(students[2]!, teachers[2]!, { alpha: 1, tokenClip: 0.1 });
    close(bound.value, 0.1, 'value');
    close(bound.gradient[0]! / free.gradient[0]!, 0.1 / free.value, 'direction kept');
    const sharp = sampledToken([0, 9], [9, 0], 0, { advantageClip: 5, oldLogProb: -20, ratioClip: 2 });
    close(sharp.advantage, 5, 'advantage');
    close(sharp.ratio, 2, 'ratio');
  });

  it("moves an improbable token's logit by forward KL alone", () => {
    // A developer's own identifier: the student gives it 1e-3, the teacher 0.9.
    const student = [Math.log(0.001), Math.log(0.999)];
    const teacher = [Math.log(0.9), Math.log(0.1)];
    const gradient = (alpha: number) => divergence(student, teacher, { alpha }).gradient[0]!;
    close(gradient(0), -0.899, 'forward', 1e-3);
    close(gradient(1), -0.009, 'reverse', 1e-3);
    assert.ok(Math.abs(gradient(0.5)) < 0.004, 'JSD');
  });

  it('gives grpo a mean-free advantage and stops outside the clip', () => {
    assert.deepEqual(groupAdvantages([1, 0, 0, 1]), [0.5, -0.5, -0.5, 0.5]);
    assert.deepEqual(groupAdvantages([0, 0]), [0, 0]);
    const logits = [0.3, -0.2, 0.5];
    const now = Math.log(Math.exp(0.3) / (Math.exp(0.3) + Math.exp(-0.2) + Math.exp(0.5)));
    assert.ok(gradientError(logits, (z) => grpoToken(z, 0, 1, now)) < 1e-6);
    assert.ok(
      grpoToken(logits, 0, 1, now - 1).gradient.every((g) => g === 0),
      'already far up',
    );
    assert.ok(
      grpoToken(logits, 0, -1, now - 1).gradient.some((g) => g !== 0),
      'may still come down',
    );
  });

  it('mixes teachers in logit space', () => {
    const mixed = mixLogProbs(teachers[0]!, students[0]!, 0);
    close(mixed[3]!, mixLogProbs(teachers[0]!, teachers[0]!, 0.7)[3]!, 'frozen');
    const total = [...mixLogProbs(teachers[0]!, students[0]!, 0.4)].reduce((sum, l) => sum + Math.exp(l), 0);
    close(total, 1, 'normalised');
  });
});
