import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../../../../server/model/errors';
import type { GgufFile, GgufValue } from '../../../../server/model/files/gguf/header';
import { readGgufTokenizer } from '../../../../server/model/tokenizer/gguf-tokenizer';
import { splittingRules } from '../../../../server/model/tokenizer/splitting-rules';
import { makeTokenizer } from '../../../../server/model/tokenizer/tokenizer';
import { ROOT } from '../../../root';

interface Fixture {
  texts: string[];
  gpt2: {
    tokens: string[];
    merges: string[];
    token_type: number[];
    expected: Record<string, number[][]>;
  };
  llama: {
    tokens: string[];
    scores: number[];
    token_type: number[];
    bos: number;
    eos: number;
    unk: number;
    texts: string[];
    expected: number[][];
  };
}
const fixture: Fixture = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/gguf/tokenizers.json'), 'utf8'));

function file(settings: Record<string, GgufValue>, architecture = 'llama'): GgufFile {
  const entries = Object.entries(settings).map(([k, v]) => [`tokenizer.ggml.${k}`, v] as const);
  const metadata = new Map<string, GgufValue>([['general.architecture', architecture], ...entries]);
  return { path: 'm.gguf', size: 0, version: 3, metadata, tensors: new Map(), headerHash: '' };
}

const gpt2 = { model: 'gpt2', ...pick(fixture.gpt2) };
const llama = {
  model: 'llama',
  tokens: fixture.llama.tokens,
  scores: fixture.llama.scores,
  token_type: fixture.llama.token_type,
  bos_token_id: fixture.llama.bos,
  eos_token_id: fixture.llama.eos,
  unknown_token_id: fixture.llama.unk,
};
function pick({ tokens, merges, token_type }: Fixture['gpt2']) {
  return { tokens, merges, token_type };
}

function open(settings: Record<string, GgufValue>, architecture?: string) {
  const read = readGgufTokenizer(file(settings, architecture));
  return { ...read, tokenizer: makeTokenizer(read.json, {}, 'm.gguf', read.size) };
}

describe('the tokenizer of a GGUF file', () => {
  for (const [pre, expected] of Object.entries(fixture.gpt2.expected)) {
    it(`splits texts by the rule ${pre}`, () => {
      const { tokenizer } = open({ ...gpt2, pre });
      fixture.texts.forEach((text, i) => {
        assert.deepEqual(tokenizer.encode(text), expected[i], JSON.stringify(text));
        if (pre !== 'qwen2') assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
      });
    });
  }

  it('has no rule that cannot be used, or that loses a part of a text', () => {
    for (const [pre, { composed }] of splittingRules) {
      const { tokenizer } = open({ ...gpt2, pre });
      for (const text of [
        ...fixture.texts,
        'a  123  4567890 x1y22',
        'fooBar HTTPServer2X 日本語 한국어 中文\r\n',
      ])
        assert.equal(tokenizer.decode(tokenizer.encode(text)), composed ? text.normalize('NFC') : text, pre);
    }
  });

  it('reads numbers and blanks by the oldest rule as llama.cpp does', () => {
    const { tokenizer } = open({ ...gpt2, pre: 'default' });
    const pieces = tokenizer.encode('a  1234').map((id) => tokenizer.decode([id]));
    assert.deepEqual(pieces, ['a', ' ', ' ', '1', '2', '3', '4']);
  });

  it('takes the rule of the architecture where an old file names none', () => {
    for (const [architecture, pre] of [
      ['qwen2', 'qwen2'],
      ['starcoder2', 'starcoder'],
    ] as const) {
      const { tokenizer } = open(gpt2, architecture);
      fixture.texts.forEach((text, i) => {
        assert.deepEqual(tokenizer.encode(text), fixture.gpt2.expected[pre]![i]);
      });
    }
    const { tokenizer } = open(gpt2);
    for (const text of fixture.texts) assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  });

  it('joins pieces as SentencePiece does', () => {
    const { tokenizer } = open(llama);
    fixture.llama.texts.forEach((text, i) => {
      // It begins every text with a blank; pieces of a text are encoded here, which have none.
      const whole = text && ` ${text}`;
      assert.deepEqual(tokenizer.encode(whole), fixture.llama.expected[i], JSON.stringify(text));
    });
    assert.equal(tokenizer.beginId, fixture.llama.bos);
  });

  it('leaves the blank at the beginning out where the file says so', () => {
    const { tokenizer } = open({ ...llama, add_space_prefix: false });
    for (const text of fixture.llama.texts) {
      assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    }
  });

  it('keeps control and user-defined tokens whole, and both from what is written', () => {
    const { tokenizer } = open({ ...gpt2, pre: 'gpt-2' });
    const [end, user] = [fixture.gpt2.tokens.length - 2, fixture.gpt2.tokens.length - 1];
    assert.deepEqual(tokenizer.encode('<|end|><|user|>'), [end, user]);
    assert.deepEqual(tokenizer.specialIds(), [end, user]);
    assert.equal(tokenizer.specialId('<|user|>'), user);
  });

  it('begins texts as the file says, else as the rule does', () => {
    const begun = { ...gpt2, bos_token_id: gpt2.tokens.length - 2 };
    assert.equal(open({ ...begun, pre: 'gpt-2' }).tokenizer.beginId, undefined);
    assert.equal(open({ ...begun, pre: 'gpt-2', add_bos_token: true }).tokenizer.beginId, begun.bos_token_id);
    assert.equal(open({ ...begun, pre: 'llama-bpe' }).tokenizer.beginId, begun.bos_token_id);
    assert.equal(open({ ...begun, pre: 'llama-bpe', add_bos_token: false }).tokenizer.beginId, undefined);
  });

  it('reads the ends of texts and the tokens of fill-in-the-middle prompts, by old keys too', () => {
    const now = open({
      ...gpt2,
      pre: 'gpt-2',
      eos_token_id: 5,
      eot_token_id: 6,
      eom_token_id: 5,
      padding_token_id: 4294967295,
      fim_pre_token_id: 7,
      fim_suf_token_id: 8,
      fim_mid_token_id: 9,
      fim_pad_token_id: 10,
      prefix_token_id: 1,
    });
    assert.deepEqual(now.endIds, [5, 6]);
    assert.deepEqual(now.fim, { prefix: 7, suffix: 8, middle: 9, pad: 10 });
    for (const id of [7, 8, 9, 10]) assert.ok(now.tokenizer.specialIds().includes(id));
    const old = open({ ...gpt2, pre: 'gpt-2', prefix_token_id: 1, suffix_token_id: 2, middle_token_id: 3 });
    assert.deepEqual(old.fim, { prefix: 1, suffix: 2, middle: 3 });
  });

  it('takes a file whose tokens repeat, are empty or are called __proto__', () => {
    const tokens = [...gpt2.tokens, '', 'a', '__proto__', '__proto__'];
    const { tokenizer } = open({
      ...gpt2,
      token_type: [...gpt2.token_type, 1, 1, 1, 1],
      tokens,
      pre: 'gpt-2',
    });
    assert.deepEqual(tokenizer.encode('a'), [tokens.indexOf('a')]);
  });

  const refused: Record<string, [Record<string, GgufValue>, RegExp]> = {
    'no tokens': [{ ...gpt2, tokens: [] }, /it has no tokens/],
    'tokens that are no texts': [{ ...gpt2, tokens: [1, 2] }, /its list of tokens holds more than texts/],
    'no merges': [{ model: 'gpt2', tokens: ['a'] }, /its list of merges is missing/],
    'merges of one part': [{ ...gpt2, merges: ['ab'] }, /the merge "ab" has no two parts/],
    'a rule that is unknown': [{ ...gpt2, pre: 'zzz' }, /by the rule "zzz", which is unknown/],
    'another kind': [{ ...gpt2, model: 'rwkv' }, /of the kind "rwkv"/],
    'no kind': [{ tokens: ['a'] }, /of the kind null/],
    'types for other tokens': [{ ...gpt2, token_type: [1] }, /its types of tokens are 1, and there are/],
    'no scores': [{ model: 'llama', tokens: ['a'] }, /its pieces have no scores/],
    'an end past the tokens': [{ ...gpt2, pre: 'gpt-2', eos_token_id: 1e6 }, /eos_token_id is 1000000/],
    'an end that is a text': [{ ...gpt2, pre: 'gpt-2', eos_token_id: 'x' }, /eos_token_id is x/],
  };
  for (const [what, [settings, message]] of Object.entries(refused)) {
    it(`refuses ${what} in one sentence`, () => {
      assert.throws(
        () => open(settings),
        (e) => e instanceof ModelError && message.test(e.message) && e.message.startsWith('m.gguf'),
      );
    });
  }
});
