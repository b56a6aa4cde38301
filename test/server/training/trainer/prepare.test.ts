import assert from 'node:assert/strict';
import { join } from 'node:path';
import { buildPrompt, promptBudget } from '../../../../server/learning/prompt';
import { openModel } from '../../../../server/model/open';
import type { Model } from '../../../../server/model/types';
import { roundOptions } from '../../../../server/training/round-options';
import { promptFor } from '../../../../server/training/trainer/prepare';
import { ROOT } from '../../../root';

describe('training prompts', function () {
  this.timeout(30_000);
  let model: Model;
  before(async () => {
    model = await openModel(join(ROOT, 'media/model'), {});
  });
  after(() => model.close());

  it('show the context that the completion was asked for with, by the same function', () => {
    const { tokenizer, format } = model;
    const context = [{ kind: 'definition' as const, path: 'cart.ts', text: 'export const LIMIT = 12;' }];
    const code = { path: 'a.ts', languageId: 'typescript', prefix: 'const most = ', suffix: ';\n' };
    const options = roundOptions(60);
    const { promptTokens, contextTokens, responseTokens } = options;
    const budget = { ...promptBudget(promptTokens + responseTokens, responseTokens), context: contextTokens };
    const asked = buildPrompt({ ...code, tokenizer, format, context, budget });
    assert.ok(asked.contextTokens > 8);
    assert.deepEqual(promptFor(model, { ...code, context }, options).ids, asked.ids);
    const bare = promptFor(model, code, options).ids;
    assert.deepEqual(asked.ids.slice(asked.contextTokens), bare);
    // The teacher's feedback costs neither code nor context.
    const told = promptFor(model, { ...code, context }, options, 'kept: const most = LIMIT;\n').ids;
    assert.deepEqual(told.slice(0, asked.contextTokens), asked.ids.slice(0, asked.contextTokens));
    assert.deepEqual(told.slice(-bare.length), bare);
  });
});
