import assert from 'node:assert/strict';
import { seededRandom } from '../../../../server/base/random';
import { gradients } from '../../../../server/graph/gradients';
import type { Value } from '../../../../server/graph/graph';
import { GraphBuilder } from '../../../../server/graph/operators';
import { createSession, floats, longs } from '../../../../server/graph/runtime';
import { type ModelConfig, parseConfig } from '../../../../server/model/architectures/config';
import { fullAttention, fullAttentionFeeds } from '../../../../server/model/graphs/attention';

const batch = 2;

const config = (more: object): ModelConfig =>
  parseConfig(
    {
      model_type: 'mistral',
      vocab_size: 10,
      hidden_size: 16,
      intermediate_size: 8,
      num_hidden_layers: 1,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      ...more,
    },
    'config.json',
  );

describe('attention over a batch', () => {
  for (const [window, time] of [
    [null, 9],
    [null, 5],
    [null, 4],
    [2, 6],
    [2, 4],
  ] as const) {
    it(`has the gradient that finite differences give (window ${window}, ${time} positions)`, async () => {
      const c = config({ sliding_window: window });
      const g = new GraphBuilder('test');
      const ids = g.input('ids', 'int64', ['batch', 'time']);
      const widths = { q: 16, k: 8, v: 8 };
      const input = (key: keyof typeof widths) => g.input(key, 'float32', ['tokens', widths[key]]);
      const heads = { q: input('q'), k: input('k'), v: input('v') };
      const out = fullAttention(g, c, ids)(0, heads);
      const keys = ['q', 'k', 'v'] as const;
      const found = gradients(g, [[out, g.input('d_out', 'float32', ['tokens', 16])]], Object.values(heads));
      found.forEach((value: Value | undefined, i) => {
        g.output(`d_${keys[i]}`, value!);
      });
      g.output('out', out);
      const session = await createSession(g.encode(), { device: 'cpu', threads: 1 });
      const random = seededRandom(3);
      const numbers = (n: number) => Float32Array.from({ length: n }, () => 2 * random() - 1);
      const tokens = batch * time;
      const data = { q: numbers(tokens * 16), k: numbers(tokens * 8), v: numbers(tokens * 8) };
      const direction = numbers(tokens * 16);
      const run = () =>
        session.run({
          ids: longs(new Array(tokens).fill(0), [batch, time]),
          q: floats(data.q, [tokens, 16]),
          k: floats(data.k, [tokens, 8]),
          v: floats(data.v, [tokens, 8]),
          d_out: floats(direction, [tokens, 16]),
          ...fullAttentionFeeds(c, time),
        });
      const value = async () => {
        const y = (await run()).out!.data as Float32Array;
        return y.reduce((sum, x, i) => sum + x * direction[i]!, 0);
      };
      const exact = await run();
      for (const key of keys) {
        for (let i = 0; i < data[key].length; i += 3) {
          const old = data[key][i]!;
          data[key][i] = old + 1e-2;
          const above = await value();
          data[key][i] = old - 1e-2;
          const below = await value();
          data[key][i] = old;
          const got = exact[`d_${key}`]!.data[i] as number;
          assert.ok(
            Math.abs(got - (above - below) / 2e-2) < 2e-3,
            `${key}[${i}]: ${got} is not ${(above - below) / 2e-2}`,
          );
        }
      }
      await session.close();
    });
  }
});
