import assert from 'node:assert/strict';
import path from 'node:path';
import { openModel } from '../../../../server/model/open';
import type { Model } from '../../../../server/model/types';
import { ParseCheck } from '../../../../server/syntax/parse-check';
import { type AnswerParts, teacherAnswers } from '../../../../server/training/augment/answers';
import {
  isFilledIn,
  placeholders,
  quotedCode,
  replacePlaceholder,
  shapeOf,
} from '../../../../server/training/augment/fill-in';
import { byDefault } from '../../../../server/training/objectives/default';
import { prepare } from '../../../../server/training/trainer/prepare';
import { ROOT } from '../../../root';
import { event } from '../../learning/events';
import { smallOptions } from '../fixtures';

const place = {
  prefix: 'function loadUser(db, userId) {\n  const user = db.get(userId);\n  if (!user) {\n    ',
  suffix: '\n  }\n  return user;\n}\n',
};

describe('code that feedback quotes', () => {
  it('is found whole, calls and assignments, and prose is none', () => {
    assert.deepEqual(quotedCode("throw fail(Code.NotFound, 'what', id) instead of new Error"), [
      "throw fail(Code.NotFound, 'what', id)",
    ]);
    assert.deepEqual(quotedCode('use lg.emit(Level.Warn, name, { value }) and never console'), [
      'lg.emit(Level.Warn, name, { value })',
    ]);
    assert.deepEqual(quotedCode('fields are named this.m_name = name'), ['this.m_name = name']);
    assert.deepEqual(quotedCode('use outer(inner(a), b) here'), ['outer(inner(a), b)']);
    assert.deepEqual(quotedCode("please don't (ever) do that ("), []);
    assert.deepEqual(quotedCode('call( that never ends\nfoo)'), []);
  });

  it('has stand-ins: what is read there and unknown to the place', () => {
    const words = (code: string) => placeholders(code, place).map(({ word }) => word);
    assert.deepEqual(words("throw fail(Code.NotFound, 'what', id)"), ['what', 'id']);
    assert.deepEqual(words('lg.emit(Level.Warn, name, { value })'), ['name', 'value']);
    assert.deepEqual(words('db.get(userId)'), []);
    const [what, id] = placeholders("fail('what', id)", place);
    assert.deepEqual(what!.options, ['user', 'userId', 'db', 'loadUser'], 'the nearest first');
    assert.deepEqual(id!.options.slice(0, 3), ['user', 'userId', 'db'], 'no function as a value');
    assert.ok(id!.options.includes("'loadUser'"), 'but its name as a text');
    const [from] = placeholders('Span.of(from + 1)', place);
    assert.deepEqual(from!.options, ['user', 'userId', 'db'], 'nor a text to calculate with');
  });

  it('is filled in, names that are made of a stand-in too', () => {
    assert.equal(replacePlaceholder('this.m_name = name;', 'name', 'userId'), 'this.m_userId = userId;');
    assert.equal(replacePlaceholder("f('what', whatever)", 'what', 'user'), "f('user', whatever)");
    const told = "use throw fail(Code.NotFound, 'what', id)";
    assert.ok(isFilledIn("throw fail(Code.NotFound, 'user', userId);", told, place));
    assert.ok(!isFilledIn("throw fail(Code.NotFound, 'user', id);", told, place));
    assert.equal(shapeOf("fail(Code.NotFound, 'what', id)"), shapeOf('fail( Code.Other, what, user )'));
    assert.notEqual(shapeOf("fail(Code.NotFound, 'what')"), shapeOf("fail(Code.NotFound, 'what', id)"));
  });
});

describe("the teacher's answers", function () {
  this.timeout(60_000);
  let model: Model;
  let parts: AnswerParts;
  before(async () => {
    model = await openModel(path.join(ROOT, 'media/model'), { threads: 1 });
    const [scorer, decoder] = [await model.scorer(), await model.decoder()];
    const options = smallOptions({
      promptTokens: 128,
      feedbackTokens: 96,
      responseTokens: 32,
      answerSamples: 4,
    });
    const drawn = () => undefined;
    parts = {
      model,
      scorer,
      decoder: async () => decoder,
      parsers: new ParseCheck(),
      options,
      reward: null,
      drawn,
    };
  });
  after(() => model.close());

  const told = (words: string) =>
    event({
      ...place,
      path: 'src/a.js',
      languageId: 'javascript',
      text: "throw new Error('no user');",
      solution: null,
      words,
      signals: ['words'],
    });
  const ask = (words: string, change: Partial<AnswerParts> = {}, count = 3) => {
    const one = prepare(model, told(words), byDefault, parts.options);
    return teacherAnswers({ ...parts, ...change }, one, count);
  };

  it('do what the words say, with names of the place, and parse', async () => {
    const answers = await ask("throw fail(Code.NotFound, 'what', id) instead of new Error");
    assert.ok(answers.length > 0);
    const form = /^throw fail\(Code\.NotFound, '(user|userId|db|loadUser)', (user|userId|db|'\w+')\);$/;
    for (const { text, ids } of answers) {
      assert.match(text, form);
      assert.equal(ids.at(-1), model.format.stopIds[0]);
      assert.equal(model.tokenizer.decode(ids.slice(0, -1)), text);
    }
    const scores = answers.map(({ logProb }) => logProb);
    assert.deepEqual(
      scores,
      [...scores].sort((a, b) => b - a),
      'the teacher’s likeliest first',
    );
    assert.ok(
      answers.every(({ text }) => !/'(\w+)', \1\)/.test(text)),
      'two stand-ins are two things',
    );
  });

  it('are those that pass the tests, where there are tests', async () => {
    const right = "throw fail(Code.NotFound, 'user', userId);";
    const reward = (_: unknown, text: string) => (text === right ? 1 : 0);
    const answers = await ask("throw fail(Code.NotFound, 'what', id) instead of new Error", { reward });
    assert.deepEqual(
      answers.map(({ text }) => text),
      [right],
    );
    assert.deepEqual(await ask('use fail(Code.NotFound, what, id)', { reward: () => 0 }), []);
  });

  it('never repeat the completion that was refused', async () => {
    for (const { text } of await ask('wrong', {}, 9))
      assert.notEqual(text.trim(), "throw new Error('no user');");
  });
});
