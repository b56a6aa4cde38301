/** Model folders as they are published and as they get damaged: each is used rightly, or refused in one sentence that helps. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { buildPrompt, responseIds } from '../../../server/learning/prompt';
import { readFloats, readHeader, writeSafetensors } from '../../../server/model/files/safetensors';
import { type FolderModel, ModelError, openModel } from '../../../server/model/open';
import { makeTokenizer } from '../../../server/model/tokenizer/tokenizer';
import type { Tokenizer } from '../../../server/model/types';
import { ROOT } from '../../root';
import { copyOf, removeFolders } from './folders';

const cases = join(ROOT, 'test', 'fixtures', 'cases', 'models');
const folderCases = JSON.parse(readFileSync(join(cases, 'folders.json'), 'utf8')) as { name: string }[];

type Json = Record<string, unknown>;
interface Added {
  id: number;
  content: string;
  special: boolean;
}

/** A copy of the reference model whose file has been changed. */
function changed(file: string, change: (json: Json) => Json | undefined, config: Json = {}): string {
  const folder = copyOf('qwen2', config);
  const path = join(folder, file);
  const json = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify(change(json) ?? json));
  return folder;
}

const added = (change: (token: Added, index: number) => Partial<Added>) => (json: Json) => ({
  ...json,
  added_tokens: (json.added_tokens as Added[]).map((token, i) => ({ ...token, ...change(token, i) })),
});

/** Every control token of the reference model, as text that could stand in a file about such models. */
const spelled = '<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>c<|file_sep|>d<|repo_name|>e<|endoftext|>';

/** A prompt of text that spells control tokens holds the marks of the format, and no more; nor are they ever offered. */
async function holdsNoControls(model: FolderModel, text = spelled): Promise<void> {
  const { tokenizer, format } = model;
  const controls = new Set(tokenizer.specialIds());
  const budget = { prompt: 200, suffix: 60 };
  const parts = { format, tokenizer, path: 'a.py', budget };
  const marks = (prefix: string, suffix: string) =>
    buildPrompt({ ...parts, prefix, suffix }).ids.filter((id) => controls.has(id)).length;
  assert.equal(marks(text, text), marks('x = 1\n', 'y = 2\n'));
  assert.ok(tokenizer.encodeText(text).every((id) => !controls.has(id)));
  assert.equal(tokenizer.decode(tokenizer.encodeText(text)), text);
  assert.ok(
    responseIds(tokenizer, format, text)
      .slice(0, -1)
      .every((id) => !controls.has(id)),
  );
}

async function neverOffers(model: FolderModel, ids: readonly number[]): Promise<void> {
  const banned = model.tokenizer.specialIds();
  for (const id of ids) assert.ok(banned.includes(id), `token ${id}`);
}

async function refused(folder: string, ...wanted: RegExp[]): Promise<void> {
  await assert.rejects(openModel(folder), (error) => {
    assert.ok(error instanceof ModelError, String(error));
    for (const pattern of wanted) assert.match(error.message, pattern);
    assert.ok(!error.message.includes('\n') && error.message.endsWith('.'));
    return true;
  });
}

const rename = (names: readonly string[]) => added((_, i) => ({ content: names[i] ?? `<unused${i}>` }));

/** The right outcome of each case of folders.json. */
const right: Record<string, () => Promise<void>> = {
  'FIM tokens as Qwen2.5-Coder ships them': async () => {
    const folder = changed(
      'tokenizer.json',
      added(({ content }) => ({ special: !/fim|file_sep|repo_name/.test(content) })),
    );
    const model = await openModel(folder);
    assert.equal(model.format.order, 'psm');
    await holdsNoControls(model);
    await neverOffers(model, [406, 407, 408, 409, 410, 411, 412]);
    await model.close();
  },
  'lm_head missing, tie_word_embeddings false or absent': async () => {
    const message = [/lacks the tensor lm_head\.weight, its output layer/, /tie_word_embeddings/];
    await refused(copyOf('qwen2', { tie_word_embeddings: false }), ...message);
    await refused(copyOf('qwen2', { tie_word_embeddings: undefined }), ...message);
  },
  'FIM names <[fim-prefix]>, <fim-prefix>, <|code_prefix|>': async () => {
    const families = [
      { marks: ['<[fim-prefix]>', '<[fim-suffix]>', '<[fim-middle]>'], order: 'spm' },
      { marks: ['<fim-prefix>', '<fim-suffix>', '<fim-middle>'], order: 'psm' },
      { marks: ['<|code_prefix|>', '<|code_suffix|>', '<|code_middle|>'], order: 'psm' },
    ];
    for (const { marks, order } of families) {
      const model = await openModel(changed('tokenizer.json', rename(['<|endoftext|>', ...marks])));
      const { format, tokenizer } = model;
      assert.deepEqual(
        [format.order, format.prefixId, format.suffixId, format.middleId],
        [order, 407, 408, 409],
      );
      await holdsNoControls(model, marks.join('x'));
      const { ids } = buildPrompt({
        format,
        tokenizer,
        path: 'a.py',
        prefix: 'a\n',
        suffix: 'b\n',
        budget: { prompt: 100, suffix: 20 },
      });
      const [pre, suf, mid] = marks;
      assert.equal(
        tokenizer.decode(ids),
        order === 'spm' ? `${suf}b\n${pre}a\n${mid}` : `${pre}a\n${suf}b\n${mid}`,
      );
      await model.close();
    }
  },
  'generation_config.json empty': async () => {
    for (const content of ['', '\n', '{', 'null', '[]']) {
      const folder = copyOf('qwen2');
      writeFileSync(join(folder, 'generation_config.json'), content);
      const model = await openModel(folder);
      assert.match(model.notice ?? '', /generation_config\.json is no readable JSON and is left out/);
      await model.close();
    }
  },
  'added_tokens absent in tokenizer.json': async () => {
    const folder = changed('tokenizer.json', ({ added_tokens: _, ...rest }) => rest);
    const model = await openModel(folder);
    assert.equal(model.format.order, 'none');
    assert.equal(model.tokenizer.decode(model.tokenizer.encodeText(spelled)), spelled);
    await model.close();
  },
};

describe('model folders of public reports', () => {
  after(removeFolders);

  for (const { name } of folderCases) it(name, () => right[name]!());

  it('control tokens that only the vocabulary has are control tokens all the same', async () => {
    const folder = changed('tokenizer.json', (json) => {
      const model = json.model as { vocab: Record<string, number> };
      for (const { content, id } of json.added_tokens as Added[]) model.vocab[content] = id;
      return { ...json, added_tokens: [] };
    });
    const model = await openModel(folder);
    assert.equal(model.format.order, 'psm');
    await holdsNoControls(model);
    await neverOffers(model, [407, 408, 409]);
    await model.close();
  });

  it('control tokens that only tokenizer_config.json lists are control tokens all the same', async () => {
    const tokens: Record<string, object> = {};
    const folder = changed('tokenizer.json', (json) => {
      for (const { id, content } of json.added_tokens as Added[]) tokens[id] = { content, special: false };
      return { ...json, added_tokens: [] };
    });
    const declared = {
      ...tokens,
      '413': { content: '[PAD]', special: true },
      x: null,
      '-1': {},
      '407': null,
    };
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ added_tokens_decoder: tokens }));
    const model = await openModel(folder);
    assert.equal(model.format.order, 'psm');
    await holdsNoControls(model);
    await neverOffers(model, [406, 407, 408, 409, 410, 411, 412]);
    await model.close();
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ added_tokens_decoder: declared }));
    assert.equal((await openModel(folder)).format.order, 'none');
  });

  it('runs of blanks among the added tokens are text', async () => {
    const folder = changed('tokenizer.json', (json) => {
      (json.added_tokens as Added[])[6] = { id: 412, content: '        ', special: false };
      return json;
    });
    const model = await openModel(folder);
    const text = 'x:\n        y';
    assert.ok(model.tokenizer.encodeText(text).includes(412));
    assert.ok(!model.tokenizer.specialIds().includes(412));
    assert.equal(model.tokenizer.decode(model.tokenizer.encodeText(text)), text);
    await model.close();
  });

  it('a token past the weights, as [PAD] often is, is left out; a vocabulary past them is another model’s', async () => {
    const padded = changed('tokenizer.json', (json) => {
      (json.added_tokens as Added[]).push({ id: 413, content: '[PAD]', special: true });
      return json;
    });
    const model = await openModel(padded);
    assert.ok(model.tokenizer.encodeText('[PAD] x').every((id) => id < 413));
    assert.equal(model.tokenizer.specialId('[PAD]'), undefined);
    await model.close();
    const foreign = changed('tokenizer.json', (json) => {
      (json.model as { vocab: Record<string, number> }).vocab.foreign = 413;
      return json;
    });
    await refused(
      foreign,
      /numbers "foreign" 413, past the model's vocabulary of 413: use the two files of one model/,
    );
  });

  it('a byte order mark and Python’s NaN do no harm', async () => {
    const folder = copyOf('qwen2');
    for (const name of ['config.json', 'tokenizer.json']) {
      const path = join(folder, name);
      writeFileSync(path, `\ufeff${readFileSync(path, 'utf8')}`);
    }
    const path = join(folder, 'config.json');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(
        '{',
        '{"initializer_range": NaN, "note": "NaN, -Infinity", "x": [-Infinity],',
      ),
    );
    const model = await openModel(folder);
    await holdsNoControls(model);
    await model.close();
  });

  it('weights that are no numbers are said to be damaged, and nothing is offered', async () => {
    const folder = copyOf('qwen2');
    const path = join(folder, 'model.safetensors');
    const tensors = new Map(
      [...readHeader(path).tensors].map(([name, t]) => [name, { shape: t.shape, data: readFloats(t) }]),
    );
    tensors.get('model.layers.0.mlp.up_proj.weight')!.data[7] = Number.NaN;
    await writeSafetensors(path, tensors);
    const model = await openModel(folder);
    const decoder = await model.decoder();
    await assert.rejects(
      decoder.generate({ prompt: [1, 2, 3], maxTokens: 4, stopIds: [] }),
      (e) =>
        e instanceof ModelError &&
        e.message.includes(folder) &&
        /NaN.*damaged, download them again/.test(e.message),
    );
    await model.close();
    await assert.rejects(
      openModel(folder, { precision: 'int8' }),
      /up_proj\.weight holds weights that are no numbers/,
    );
  });

  it('files of other forms are named, with what to do', async () => {
    const folder = copyOf('qwen2');
    rmSync(join(folder, 'tokenizer.json'));
    writeFileSync(join(folder, 'tokenizer.model'), 'x');
    await refused(folder, /tokenizer\.json is missing/, /tokenizer\.model beside it/, /choose a version/);
    const pickled = copyOf('qwen2');
    rmSync(join(pickled, 'model.safetensors'));
    writeFileSync(join(pickled, 'pytorch_model.bin'), 'x');
    await refused(pickled, /pytorch_model\.bin is not read: choose a version of the model in safetensors/);
  });
});

describe('SentencePiece tokenizers', () => {
  for (const name of ['metaspace-tokenizer.json', 'sentencepiece-legacy-tokenizer.json']) {
    const path = join(cases, name);
    const json = JSON.parse(readFileSync(path, 'utf8'));
    const tokenizer: Tokenizer = makeTokenizer(json, {}, path, 355);

    it(`give every piece of a text back with its blanks (${name})`, () => {
      const pieces = fc.constantFrom(
        'return',
        ' ',
        '  ',
        '    ',
        '\n',
        '\t',
        'x',
        'é',
        '(',
        '漢',
        ' =',
        '<s>',
        '<PRE>',
      );
      fc.assert(
        fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
          const text = parts.join('');
          const ids = tokenizer.encodeText(text);
          assert.equal(tokenizer.decode(ids), text);
          const controls = tokenizer.specialIds();
          assert.ok(ids.every((id) => !controls.includes(id)));
        }),
        { numRuns: 500 },
      );
    });

    it(`decode a text cut into pieces as the whole (${name})`, () => {
      const text = 'def f(x):\n    return  x +  1\n';
      for (let cut = 0; cut <= text.length; cut++) {
        const ids = [...tokenizer.encodeText(text.slice(0, cut)), ...tokenizer.encodeText(text.slice(cut))];
        assert.equal(tokenizer.decode(ids), text);
      }
    });

    it(`know how a text begins, and the marks of its prompts (${name})`, () => {
      assert.equal(tokenizer.beginId, 1);
      assert.equal(tokenizer.specialId('▁<PRE>'), 351);
      assert.deepEqual(tokenizer.specialIds(), [0, 1, 2, 351, 352, 353, 354]);
    });
  }
});
