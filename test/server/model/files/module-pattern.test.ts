import assert from 'node:assert/strict';
import fc from 'fast-check';
import { modulePattern } from '../../../../server/model/files/module-pattern';

const module = 'model.layers.11.self_attn.q_proj';

describe('patterns of module names', () => {
  it('match as PEFT matches them', () => {
    const piece = fc.constantFrom(
      ...[
        'q_proj',
        '.',
        '\\.',
        '.*',
        '\\d',
        '\\d+',
        '[0-9]*',
        'layers',
        '1',
        'self_attn',
        'model',
        '?',
        '^',
        '$',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 7 }), (pieces) => {
        const pattern = pieces.join('');
        const matches = modulePattern(pattern);
        if (!matches) return;
        assert.equal(matches(module), new RegExp(`^(.*\\.)?(?:${pattern})$`).test(module), pattern);
      }),
      { numRuns: 2000 },
    );
    for (const right of [
      'q_proj',
      'self_attn.q_proj',
      module,
      '^model\\.layers\\.\\d+\\.self_attn.q_proj',
      '.*q_proj$',
    ])
      assert.ok(modulePattern(right)!(module), right);
    for (const wrong of ['proj', '_proj', '^q_proj', 'q_pro', 'k_proj'])
      assert.ok(!modulePattern(wrong)!(module), wrong);
  });

  it('take no time however they are made, and what is no such pattern is said to be none', () => {
    const start = performance.now();
    for (const hostile of [
      '(a+)+$',
      '(.*a){20}',
      `${'.*'.repeat(240)}x`,
      `${'\\d+'.repeat(160)}x`,
      'x'.repeat(1e6),
    ])
      modulePattern(hostile)?.('a'.repeat(200));
    assert.ok(performance.now() - start < 500);
    for (const other of ['(q|k)_proj', 'q{2}', '[a-z]', '\\w+', 'a**', '+', 'a\\'])
      assert.equal(modulePattern(other), undefined, other);
  });
});
