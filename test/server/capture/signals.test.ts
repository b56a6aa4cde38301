import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fitFeedback, teacherItems } from '../../../server/learning/contexts';
import { feedbackText } from '../../../server/learning/feedback-text';
import { encodePlain } from '../../../server/learning/prompt';
import type { Model, PromptFormat } from '../../../server/model/types';
import type { LearningEvent } from '../../../server/store/records';
import { byDefault } from '../../../server/training/objectives/default';
import { roundOptions } from '../../../server/training/round-options';
import { prepare, promptFor } from '../../../server/training/trainer/prepare';
import { event } from '../learning/events';
import { psm, slot, tokenizer } from '../learning/formats';

const { repoNameId: _, fileSeparatorId: __, ...bare } = psm;
/** The ways a model can be told. */
const FORMATS: Record<string, PromptFormat> = {
  'with repository tokens': psm,
  'without them': bare,
  'of prefixes only': { order: 'none', stopIds: psm.stopIds },
  'with a slot of its own': slot,
};
const modelOf = (format: PromptFormat) =>
  ({ tokenizer, format, contextLength: 2048 }) as Pick<
    Model,
    'tokenizer' | 'format' | 'contextLength'
  > as Model;
const options = roundOptions(90);

/** Every signal of the method's table, with what the teacher reads of it and whether there is a text to train on. */
const TABLE: [string, Partial<LearningEvent>, string, boolean][] = [
  ['accepted, then edited', { signals: ['edited'] }, 'kept', true],
  [
    'a test failed, then fixed',
    { signals: ['test-failed', 'test-fixed'], output: 'Error: a' },
    'test kept',
    true,
  ],
  ['a test failed, no fix', { signals: ['test-failed'], output: 'Error: a', solution: null }, 'test', false],
  [
    'a diagnostic, fixed',
    { signals: ['diagnostic', 'diagnostic-fixed'], output: 'no b' },
    'error kept',
    true,
  ],
  ['a diagnostic that stayed', { signals: ['diagnostic'], output: 'no b', solution: null }, 'error', false],
  ['rejected, then typed otherwise', { signals: ['typed-otherwise'] }, 'kept', true],
  ['words', { signals: ['words'], words: 'no n', solution: null }, 'words', false],
  ['words and an edit', { signals: ['words', 'edited'], words: 'no n' }, 'words kept', true],
  ['rejected, nothing typed', { signals: [], solution: null }, '', false],
];

describe('the teacher context of a signal', () => {
  for (const [name, given, kinds, hasText] of TABLE) {
    it(`${name}: reads ${kinds || 'nothing'}`, () => {
      const one = event({ text: 'failedCompletion();', solution: 'lg.emit(id);', ...given });
      assert.equal(
        teacherItems(one)
          .map(({ kind }) => kind)
          .join(' '),
        kinds,
      );
      for (const [format, made] of Object.entries(FORMATS)) {
        const { teacherPrompt, kept, prompt } = prepare(modelOf(made), one, byDefault, options);
        assert.equal(kept !== null, hasText);
        if (!kinds) {
          assert.equal(teacherPrompt, null);
          continue;
        }
        const read = tokenizer.decode(teacherPrompt!);
        for (const line of feedbackText(teacherItems(one)).trim().split('\n'))
          assert.ok(read.includes(line), format);
        assert.ok(!read.includes('failedCompletion'), 'the failed attempt stays out');
        assert.ok(!tokenizer.decode(prompt).includes('kept:'), 'the student reads none of it');
      }
    });
  }
});

const line = fc.stringMatching(/^[ -~]{0,60}$/);
const code = fc.array(line, { maxLength: 60 }).map((lines) => lines.join('\n'));
const text = fc.array(line, { minLength: 1, maxLength: 12 }).map((lines) => lines.join('\n'));

describe('a training prompt', () => {
  for (const [name, format] of Object.entries(FORMATS)) {
    it(`has the feedback whole and the code as the student's, for models ${name}`, () => {
      fc.assert(
        fc.property(code, code, text, (prefix, suffix, told) => {
          const model = modelOf(format);
          const place = event({ prefix, suffix, path: 'src/a.ts' });
          const feedback = fitFeedback([{ kind: 'words', text: told }], tokenizer, options.feedbackTokens);
          const { ids: student } = promptFor(model, place, options);
          const { ids: teacher } = promptFor(model, place, options, feedback);
          assert.ok(student.length <= options.promptTokens);
          if (!feedback.trim()) return;
          const read = tokenizer.decode(teacher);
          for (const said of feedback.trimEnd().split('\n')) assert.ok(read.includes(said.trimEnd()), said);
          // What stands before the response is the same code, token for token: a response's ids follow either prompt.
          const before =
            format.order === 'psm' ? student.slice(0, student.indexOf(format.suffixId!)) : student;
          const code = before.slice(before[0] === format.prefixId ? 1 : 0);
          if (format.order === 'psm' && format.repoNameId === undefined) {
            const end = teacher.indexOf(format.suffixId!);
            assert.deepEqual(teacher.slice(end - code.length, end), code);
            assert.deepEqual(teacher.slice(end), student.slice(student.indexOf(format.suffixId!)));
          } else assert.deepEqual(teacher.slice(teacher.length - student.length), student);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('keeps the ids of a response as they were sampled, whatever they would be encoded to', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { minLength: 1, maxLength: 20 }), (responseIds) => {
        const text = tokenizer.decode(responseIds);
        const one = event({ responseIds, responseLogProbs: [...responseIds.map(() => -1), -1], text });
        const { offered } = prepare(modelOf(psm), one, byDefault, options);
        assert.deepEqual(offered, [...responseIds, psm.stopIds[0]]);
      }),
    );
    const kept = prepare(modelOf(psm), event({ solution: 'lg.emit(id);' }), byDefault, options).kept!;
    assert.deepEqual(kept.ids, [...encodePlain(tokenizer, 'lg.emit(id);'), psm.stopIds[0]]);
  });

  it('reads the completion anew where its ids are another model’s', () => {
    const text = "console.warn('a');";
    for (const responseIds of [[], [9_999_999], encodePlain(tokenizer, 'something else')]) {
      const one = event({ text, responseIds, responseLogProbs: responseIds.map(() => -1) });
      const { offered, offeredLogProbs } = prepare(modelOf(psm), one, byDefault, options);
      assert.deepEqual(offered, encodePlain(tokenizer, text));
      assert.equal(offeredLogProbs, null);
    }
  });
});
