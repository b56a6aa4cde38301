import assert from 'node:assert/strict';
import { keptItem } from '../../../server/learning/feedback-text';
import {
  buildPrompt,
  encodeHead,
  encodeTail,
  FeedbackTooLongError,
  type Prompt,
} from '../../../server/learning/prompt';
import type { PromptFormat } from '../../../server/model/types';
import { psm, slot, tokenizer } from './formats';

const plain: PromptFormat = { order: 'none', stopIds: psm.stopIds };
const code = Array.from({ length: 60 }, (_, i) => `  const value${i} = load(${i});`).join('\n');
const budget = { prompt: 256, suffix: 64 };

/** The text up to the cursor: what the prompt holds and what it leaves out. */
const written = ({ ids, given }: Prompt) => tokenizer.decode(ids) + given;

describe('buildPrompt', () => {
  it('puts the parts of the embedded form in order', () => {
    const parts = { format: slot, tokenizer, path: 'a/b.ts', prefix: 'if (x) {\n  ', suffix: '\n}', budget };
    assert.equal(
      written(buildPrompt(parts)),
      '<|fim_prefix|><|fim_suffix|>\n}<|fim_middle|><|file_sep|>a/b.ts\nif (x) {\n  ',
    );
    assert.equal(
      written(buildPrompt({ ...parts, feedback: 'kept: log(x);\n' })),
      '<|fim_pad|>kept: log(x);\n<|fim_prefix|><|fim_suffix|>\n}<|fim_middle|><|file_sep|>a/b.ts\nif (x) {\n  ',
    );
  });

  it('gives models with repository tokens a feedback file', () => {
    const parts = { format: psm, tokenizer, path: 'a.py', prefix: 'x = ', suffix: '\n', budget };
    const bare = buildPrompt(parts);
    assert.equal(written(bare), '<|fim_prefix|>x = <|fim_suffix|>\n<|fim_middle|>');
    const told = buildPrompt({ ...parts, feedback: 'words: use y' });
    assert.equal(
      written(told),
      '<|repo_name|>project\n<|file_sep|>feedback.txt\nwords: use y\n<|file_sep|>a.py\n' +
        '<|fim_prefix|>x = <|fim_suffix|>\n<|fim_middle|>',
    );
    assert.deepEqual(told.ids.slice(-bare.ids.length), bare.ids, 'the ordinary prompt follows unchanged');
  });

  it('begins with the token a model wants first, and leaves out the marks it has not', () => {
    const { prefixId: _, fileSeparatorId: __, feedbackId: ___, ...codestral } = slot;
    const parts = { tokenizer, path: 'a.py', prefix: 'x = ', suffix: '\n', budget };
    const { ids } = buildPrompt({ ...parts, format: { ...codestral, beginId: 7 } });
    assert.equal(ids[0], 7);
    assert.equal(tokenizer.decode(ids.slice(1)), '<|fim_suffix|>\n<|fim_middle|>x = ');
  });

  it('gives models with no such tokens a comment of the language', () => {
    const parts = { tokenizer, path: 'a.py', prefix: 'x = ', suffix: '\n', budget, feedback: 'words: use y' };
    assert.equal(written(buildPrompt({ ...parts, format: plain })), '# words: use y\nx = ');
    const { repoNameId: _, ...noFiles } = psm;
    assert.equal(
      written(buildPrompt({ ...parts, format: noFiles, path: 'a.ts' })),
      '<|fim_prefix|>// words: use y\nx = <|fim_suffix|>\n<|fim_middle|>',
    );
  });

  it('puts context before everything, as files of its own', () => {
    const context = [
      { kind: 'definition' as const, path: 'lib/cart.ts', text: 'export const LIMIT = 12;' },
      { kind: 'edit' as const, path: 'lib/shop.ts', text: '-old(1);\n+renamed(1, 2);' },
      { kind: 'problem' as const, path: 'a.ts', text: 'this line: no such name as old' },
    ];
    const room = { ...budget, context: 200 };
    const parts = { tokenizer, path: 'a.ts', prefix: 'x = ', suffix: '\n', budget: room, context };
    const files = ({ ids, given, contextTokens }: ReturnType<typeof buildPrompt>) => {
      assert.ok(contextTokens > 20 && contextTokens <= 200);
      return tokenizer.decode(ids) + given;
    };
    assert.equal(
      files(buildPrompt({ ...parts, format: psm })),
      '<|repo_name|>project\n<|file_sep|>lib/cart.ts\nexport const LIMIT = 12;\n' +
        '<|file_sep|>lib/shop.ts.diff\n-old(1);\n+renamed(1, 2);\n' +
        '<|file_sep|>problems.txt\na.ts: this line: no such name as old\n' +
        '<|file_sep|>a.ts\n<|fim_prefix|>x = <|fim_suffix|>\n<|fim_middle|>',
    );
    assert.equal(
      files(buildPrompt({ ...parts, format: plain })),
      '// lib/cart.ts\nexport const LIMIT = 12;\n\n// lib/shop.ts\n// -old(1);\n// +renamed(1, 2);\n\n' +
        '// a.ts\n// this line: no such name as old\n\n// a.ts\nx = ',
    );
    const told = files(buildPrompt({ ...parts, format: psm, feedback: 'words: use y' }));
    assert.ok(told.indexOf('lib/cart.ts') < told.indexOf('feedback.txt'), 'what changes least stands first');
    for (const format of [slot, psm, plain]) {
      const { ids } = buildPrompt({ ...parts, format, budget });
      assert.deepEqual(ids, buildPrompt({ ...parts, format, context: [] }).ids, 'no room is no context');
    }
  });

  it('leaves out the context of the least worth, and takes nothing of the code for it', () => {
    const line = (i: number) => `export const value${i} = load(${i});`;
    const long = Array.from({ length: 40 }, (_, i) => line(i)).join('\n');
    const context = [
      { kind: 'similar' as const, path: 'lib/similar.ts', text: long },
      { kind: 'definition' as const, path: 'lib/defined.ts', text: long },
    ];
    const without = buildPrompt({ tokenizer, format: plain, path: 'a.ts', prefix: code, suffix: '', budget });
    for (const most of [60, 120, 240]) {
      const parts = { tokenizer, format: plain, path: 'a.ts', prefix: code, suffix: '' };
      const built = buildPrompt({ ...parts, context, budget: { ...budget, context: most } });
      assert.ok(built.contextTokens > most / 4 && built.contextTokens <= most, `${built.contextTokens}`);
      assert.match(tokenizer.decode(built.ids), /lib\/defined\.ts/);
      assert.deepEqual(built.ids.slice(built.contextTokens), without.ids);
    }
  });

  it('keeps to the budget, cuts code and never feedback', () => {
    for (const format of [slot, psm, plain]) {
      const feedback = 'kept: value.record(Level.Warn, 3);\n'.repeat(3);
      const { ids, given } = buildPrompt({
        format,
        tokenizer,
        path: 'a.ts',
        prefix: code,
        suffix: code,
        budget,
        feedback,
      });
      assert.ok(ids.length <= 256, `${ids.length}`);
      const text = tokenizer.decode(ids) + given;
      assert.equal(text.split('value.record(Level.Warn, 3);').length, 4);
      assert.ok(text.includes('value59 = load(59);'), 'the code next to the cursor stays');
    }
    assert.throws(
      () =>
        buildPrompt({
          format: slot,
          tokenizer,
          path: 'a.ts',
          prefix: code,
          suffix: '',
          budget,
          feedback: code,
        }),
      FeedbackTooLongError,
    );
  });

  it('keeps its first tokens while a line is typed, so that the cache can be reused', () => {
    const line = '  return values.filter((value) => value.id === id);';
    let previous: number[] = [];
    let starts = 0;
    for (let typed = 0; typed <= line.length; typed++) {
      const prefix = `${code}\n${line.slice(0, typed)}`;
      const { ids } = buildPrompt({ format: slot, tokenizer, path: 'a.ts', prefix, suffix: '\n}', budget });
      const same = previous.findIndex((value, i) => value !== ids[i]);
      if (same >= 0 && same < previous.length / 2) starts++;
      previous = ids;
    }
    assert.ok(starts <= 2, `the cut moved ${starts} times in ${line.length} keystrokes`);
  });
});

describe('encodeTail and encodeHead', () => {
  it('cut at line boundaries and within the limit', () => {
    for (const limit of [40, 100, 333]) {
      const tail = tokenizer.decode(encodeTail(tokenizer, code, limit));
      assert.ok(code.endsWith(tail) && code[code.length - tail.length - 1] === '\n');
      const head = tokenizer.decode(encodeHead(tokenizer, code, limit));
      assert.ok(code.startsWith(head) && head.endsWith('\n'));
      assert.ok(encodeTail(tokenizer, code, limit).length <= limit);
      assert.ok(encodeHead(tokenizer, code, limit).length <= limit);
    }
    const oneLine = 'abcdef'.repeat(200);
    assert.equal(encodeTail(tokenizer, oneLine, 50).length, 50);
    assert.equal(encodeHead(tokenizer, oneLine, 50).length, 50);
    assert.deepEqual(encodeTail(tokenizer, '', 50), []);
  });
});

describe('keptItem', () => {
  it('holds the whole line without its indentation', () => {
    assert.deepEqual(keptItem('f() {\n    lg.', "emit(Level.Warn, 'f');\n", '\n}'), {
      kind: 'kept',
      text: "lg.emit(Level.Warn, 'f');",
    });
    assert.equal(keptItem('  if (x) ', '{\n    go();\n  }', '\n').text, 'if (x) {\n  go();\n}');
  });
});
