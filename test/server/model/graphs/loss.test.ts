import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { logSoftmaxRows, topIdsOfRows } from '../../../../server/base/logits';
import { GraphBuilder } from '../../../../server/graph/operators';
import {
  createSession,
  floats,
  longs,
  type RuntimeTensor,
  type Session,
} from '../../../../server/graph/runtime';
import { distillationLoss, type Support } from '../../../../server/model/graphs/loss';
import { tailLogProbs } from '../../../../server/model/runtime/gradient-session';
import { compare, goldenRoot } from '../golden';

interface Fixtures {
  V: number;
  T: number;
  student_logits: number[][];
  teacher_logits: number[][];
  tokens: number[];
  full: Record<string, number[]>;
  topk: Record<string, number[]>;
  sampled: Record<string, number[]>;
  grad_reverse_full: number[][];
  grad_forward_full: number[][];
  grad_jsd05_full: number[][];
}

const fixtures: Fixtures = JSON.parse(readFileSync(join(goldenRoot, 'loss_fixtures.json'), 'utf8'));
const { V, T } = fixtures;
const student = Float32Array.from(fixtures.student_logits.flat());
const teacher = logSoftmaxRows(Float32Array.from(fixtures.teacher_logits.flat()), V);
const sessions = new Map<Support, Promise<Session>>();

function session(support: Support): Promise<Session> {
  let found = sessions.get(support);
  if (!found) {
    const g = new GraphBuilder('loss');
    const { losses, gradient } = distillationLoss(g, g.input('logits', 'float32', ['rows', V]), support);
    for (const [name, value] of Object.entries(losses)) g.output(name, value);
    g.output('gradient', gradient);
    found = createSession(g.encode(), { device: 'cpu', threads: 1 });
    sessions.set(support, found);
  }
  return found;
}

type Weights = Partial<Record<'w_ce' | 'w_forward' | 'w_reverse' | 'w_jsd', number[] | number>>;

async function run(
  support: Support,
  weights: Weights,
  options: { ids?: Int32Array; k?: number; beta?: number; logits?: Float32Array } = {},
) {
  const { ids, k = 0, beta = 0.5, logits = student } = options;
  const feeds: Record<string, RuntimeTensor> = {
    logits: floats(logits, [T, V]),
    targets: longs(fixtures.tokens),
    beta: floats(new Float32Array(T).fill(beta), [T]),
  };
  for (const name of ['w_ce', 'w_forward', 'w_reverse', 'w_jsd'] as const) {
    const w = weights[name] ?? 0;
    feeds[name] = floats(
      Float32Array.from({ length: T }, (_, t) => (typeof w === 'number' ? w : w[t]!)),
      [T],
    );
  }
  if (ids) {
    const logProbs = Float32Array.from(ids, (id, i) => teacher[Math.floor(i / k) * V + id]!);
    feeds.teacher = floats(logProbs, [T, k]);
    feeds.support = longs(ids, [T, k]);
    if (support === 'tail') feeds.teacher_tail = floats(tailLogProbs(logProbs, T, k), [T, 1]);
  } else {
    feeds.teacher = floats(teacher, [T, V]);
  }
  const out = await (await session(support)).run(feeds);
  return Object.fromEntries(Object.entries(out).map(([name, t]) => [name, t.data as Float32Array]));
}

const close = (got: ArrayLike<number>, want: ArrayLike<number>, within: number) => {
  const { error } = compare(got, want);
  assert.ok(error < within, `off by ${error}: ${Array.from(got)} is not ${Array.from(want)}`);
};

const termOf = { '0.0': 'forward', '0.5': 'jsd', '1.0': 'reverse' } as const;

describe('distillation loss', () => {
  after(async () => {
    for (const s of sessions.values()) await (await s).close();
  });

  it('agrees with the reference on the full vocabulary, values and gradients', async () => {
    const references = {
      '0.0': 'grad_forward_full',
      '0.5': 'grad_jsd05_full',
      '1.0': 'grad_reverse_full',
    } as const;
    for (const alpha of ['0.0', '0.5', '1.0'] as const) {
      const term = termOf[alpha];
      const out = await run('full', { [`w_${term}`]: 1 });
      close(out[term]!, fixtures.full[alpha]!, 1e-6);
      close(out.gradient!, fixtures[references[alpha]].flat(), 1e-6);
    }
  });

  it('agrees with the reference on top-K support with a tail', async () => {
    for (const [name, want] of Object.entries(fixtures.topk)) {
      const [, alpha, k] = /^a(.+)_k(\d)_tailTrue$/.exec(name) ?? [];
      if (alpha === undefined) continue;
      const ids = topIdsOfRows(student, V, Number(k));
      const term = termOf[alpha as keyof typeof termOf];
      const out = await run('tail', { [`w_${term}`]: 1 }, { ids, k: Number(k) });
      close(out[term]!, want, 2e-6);
    }
  });

  it('with the advantage as weight of the cross-entropy is the sampled-token estimate', async () => {
    const out = await run('full', { w_ce: fixtures.sampled.advantage! });
    const losses = out.crossEntropy!.map((x, t) => x * fixtures.sampled.advantage![t]!);
    close(losses, fixtures.sampled.loss_value!, 1e-5);
    close(
      out.crossEntropy!,
      fixtures.sampled.student_logp!.map((x) => -x),
      1e-5,
    );
  });

  for (const support of ['full', 'tail'] as const) {
    it(`has the gradient of its own value (${support}), all terms at once`, async () => {
      const k = 3;
      const options = { ids: support === 'full' ? undefined : topIdsOfRows(teacher, V, k), k, beta: 0.3 };
      const weights = { w_ce: 0.4, w_forward: 0.7, w_reverse: -0.3, w_jsd: 1.1 };
      const { gradient } = await run(support, weights, options);
      const total = async (logits: Float32Array) => {
        const o = await run(support, weights, { ...options, logits });
        return o.crossEntropy!.map(
          (x, t) => 0.4 * x + 0.7 * o.forward![t]! - 0.3 * o.reverse![t]! + 1.1 * o.jsd![t]!,
        );
      };
      for (let v = 0; v < V; v++) {
        const step = 1e-2;
        // Positions do not influence each other, so all of them move at once.
        const moved = (by: number) => student.map((z, i) => (i % V === v ? z + by : z));
        const [above, below] = [await total(moved(step)), await total(moved(-step))];
        for (let t = 0; t < T; t++) {
          const slope = (above[t]! - below[t]!) / (2 * step);
          assert.ok(
            Math.abs(gradient![t * V + v]! - slope) < 2e-4,
            `[${t},${v}] ${gradient![t * V + v]} is not ${slope}`,
          );
        }
      }
    });
  }

  it('stays finite where the support holds everything or nearly nothing', async () => {
    const sharp = Float32Array.from(student, (z, i) => (i % V === 0 ? 60 : z));
    const weights = { w_ce: 1, w_forward: 1, w_reverse: 1, w_jsd: 1 };
    for (const ids of [
      topIdsOfRows(sharp, V, 2),
      topIdsOfRows(
        sharp.map((z) => -z),
        V,
        2,
      ),
    ]) {
      const out = await run('tail', weights, { ids, k: 2, logits: sharp });
      for (const values of Object.values(out)) assert.ok(values.every(Number.isFinite));
    }
  });
});
