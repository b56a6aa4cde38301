import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { behindGiven, encodeHealed, givenBack, leadLength, spelled } from '../../../server/learning/healing';
import { buildPrompt, responseIds } from '../../../server/learning/prompt';
import { openModel } from '../../../server/model/open';
import { toBytes } from '../../../server/model/tokenizer/spelling';
import { makeTokenizer } from '../../../server/model/tokenizer/tokenizer';
import type { PromptFormat, Tokenizer } from '../../../server/model/types';
import { byDefault } from '../../../server/training/objectives/default';
import { roundOptions } from '../../../server/training/round-options';
import { prepare } from '../../../server/training/trainer/prepare';
import { ROOT } from '../../root';
import { golden } from '../model/golden';
import { event } from './events';
import { tokenizer as byteLevel, psm } from './formats';

const leftToRight: PromptFormat = { order: 'none', stopIds: psm.stopIds };

const sentencePieces = (name: string): Tokenizer => {
  const path = join(ROOT, 'test', 'fixtures', 'cases', 'models', name);
  return makeTokenizer(JSON.parse(readFileSync(path, 'utf8')), {}, path, 355);
};
const tokenizers: Record<string, Tokenizer> = {
  'byte-level': byteLevel,
  SentencePiece: sentencePieces('sentencepiece-legacy-tokenizer.json'),
  Metaspace: sentencePieces('metaspace-tokenizer.json'),
};

const piece = fc.constantFrom(
  ...[
    'return',
    ' ',
    '    ',
    '\n',
    '\n\n',
    '\t',
    '\r\n',
    'value',
    'é',
    '漢',
    '👍',
    ':',
    ' = ',
    '(',
    '()',
    '===',
    '12',
    '_',
  ],
);
const source = fc.array(piece, { maxLength: 25 }).map((parts) => parts.join(''));
const cut = fc.tuple(source, source);

describe('token healing', () => {
  it('is nothing for models that fill in the middle', () => {
    for (const order of ['psm', 'spm', 'spm-continue'] as const)
      assert.equal(givenBack(byteLevel, { ...psm, order }, 'def f():\n    '), '');
    assert.deepEqual(spelled(byteLevel, leftToRight, ''), {});
  });

  for (const [name, tokenizer] of Object.entries(tokenizers)) {
    it(`gives back an end of the code: the blanks, or the begun word (${name})`, () => {
      fc.assert(
        fc.property(source, (prefix) => {
          const given = givenBack(tokenizer, leftToRight, prefix);
          assert.ok(prefix.endsWith(given));
          const run = /\s+$/.exec(prefix)?.[0] ?? /[\p{L}\p{N}_]*$/u.exec(prefix)![0];
          assert.ok(given.endsWith(run), JSON.stringify([prefix, given, run]));
          assert.ok(prefix === '' || given !== '');
        }),
        { numRuns: 500 },
      );
    });

    it(`cuts where the tokens of the code and what follows it have a border (${name})`, () => {
      fc.assert(
        fc.property(cut, ([prefix, text]) => {
          const given = givenBack(tokenizer, leftToRight, prefix);
          const before = encodeHealed(tokenizer, prefix, given, (code) => tokenizer.encodeText(code));
          const after = tokenizer.encodeText(given + text);
          assert.equal(tokenizer.decode([...before, ...after]), prefix + text);
          // With a word behind the blanks, as nearly always, the two make the tokens of the whole.
          if (!/^\w/.test(text)) return;
          assert.deepEqual(
            [...before, ...after],
            tokenizer.encodeText(prefix + text),
            JSON.stringify([prefix, text]),
          );
        }),
        { numRuns: 500 },
      );
    });

    it(`lets only such tokens come first as spell what was given back (${name})`, () => {
      fc.assert(
        fc.property(source, fc.infiniteStream(fc.nat()), (prefix, choices) => {
          const given = givenBack(tokenizer, leftToRight, prefix);
          const { allowedIds } = spelled(tokenizer, leftToRight, given);
          const ids: number[] = [];
          for (let allowed = allowedIds?.(ids); allowed; allowed = allowedIds?.(ids)) {
            const id = allowed[choices.next().value! % allowed.length]!;
            if (leftToRight.stopIds.includes(id)) break;
            assert.ok(!tokenizer.specialIds().includes(id));
            ids.push(id);
          }
          const bytes = (some: readonly number[]) =>
            some.map((id) => tokenizer.spelling().bytesOf(id)).join('');
          assert.ok(bytes(ids).startsWith(toBytes(given)));
          // Something comes first on an empty line.
          if (/\n[ \t]*$/.test(given))
            assert.doesNotMatch(bytes(ids).slice(toBytes(given).length), /^[ \t\r]*\n/);
          const lead = leadLength(tokenizer, given, ids);
          assert.ok(toBytes(given).startsWith(bytes(ids.slice(0, lead))));
          assert.ok(lead === ids.length || bytes(ids.slice(0, lead + 1)).length > toBytes(given).length);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('joins a sign with the line break behind it where the tokenizer does', () => {
    const json = JSON.parse(readFileSync(join(golden('qwen2'), 'tokenizer.json'), 'utf8'));
    // As Qwen and Llama 3 split: `:` and what line breaks follow it are one piece.
    json.model.vocab[':Ċ'] = json.added_tokens[6].id;
    json.added_tokens.pop();
    json.model.merges.push([':', 'Ċ']);
    const split = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
    json.pre_tokenizer = {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: split }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
      ],
    };
    const tokenizer = makeTokenizer(json, {}, 'tokenizer.json', 413);
    assert.ok(tokenizer.encodeText('x:\n').includes(412), 'the pieces are joined');
    assert.equal(givenBack(tokenizer, leftToRight, 'else:\n    '), ':\n    ');
  });

  it('writes a completion that begins at the cursor, of a model that is made to spell what was given back', async () => {
    const model = await openModel(golden('llama-tied'));
    const decoder = await model.decoder();
    const { tokenizer } = model;
    for (const prefix of ['function add(a, b) {\n  ', 'const x = val', 'a === ', 'def f(x):\n', '']) {
      const { ids: prompt, given } = buildPrompt({
        format: leftToRight,
        tokenizer,
        path: 'a.ts',
        prefix,
        suffix: '',
        budget: { prompt: 100, suffix: 0 },
      });
      const request = { prompt, maxTokens: 12, stopIds: [], bannedIds: tokenizer.specialIds() };
      const { ids, runs } = await decoder.generate({ ...request, ...spelled(tokenizer, leftToRight, given) });
      const text = tokenizer.decode(ids);
      assert.ok(text.startsWith(given), JSON.stringify(text));
      assert.equal(behindGiven(text, given), text.slice(given.length));
      // A draft saves runs and never changes the text.
      const { allowedIds } = spelled(tokenizer, leftToRight, given);
      const alone = await decoder.generate({ ...request, allowedIds, speculate: false });
      assert.deepEqual(alone.ids, ids);
      assert.ok(runs <= alone.runs);
    }
    await model.close();
  });

  it('trains on what stands at the cursor, and not on what was given back', () => {
    const model = { tokenizer: byteLevel, format: leftToRight, contextLength: 2048 } as never;
    const options = roundOptions(10);
    const prefix = 'function f(a) {\n  ';
    const solution = 'return a.value;';
    const one = prepare(
      model,
      event({ prefix, solution, text: 'return 1;', responseIds: [] }),
      byDefault,
      options,
    );
    assert.equal(one.given, '\n  ');
    assert.equal(byteLevel.decode(one.prompt), 'function f(a) {');
    assert.deepEqual(one.kept!.ids, responseIds(byteLevel, leftToRight, one.given + solution));
    const lead = leadLength(byteLevel, one.given, one.kept!.ids);
    assert.ok(one.kept!.mask.subarray(0, lead).every((m) => m === 0));
    assert.ok(one.kept!.mask.subarray(lead).some((m) => m > 0));
    assert.equal(byteLevel.decode(one.offered), `${one.given}return 1;`);
    // What a model has sampled is never encoded anew.
    const responseIdsOf = byteLevel.encodeText('\n  return 1;');
    const sampled = event({
      prefix,
      solution,
      text: 'return 1;',
      responseIds: responseIdsOf,
      responseLogProbs: responseIdsOf.map(() => -1),
    });
    assert.deepEqual(prepare(model, sampled, byDefault, options).offered, responseIdsOf);
  });
});
