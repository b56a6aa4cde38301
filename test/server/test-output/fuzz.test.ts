/** Bytes that nobody meant: what runs print and write to files, bent at random, is read without an error and within bounds. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginsAsReport } from '../../../extension/signals/report-file';
import { type Random, random } from '../../../server/base/random';
import { screenText } from '../../../server/base/terminal-text';
import { readRun } from '../../../server/test-output/read-run';
import { findSecretsNow } from '../../../server/workspace/redaction';
import { ROOT } from '../../root';

const FOLDERS = ['runs', 'recorded', 'written', 'cases/runs'].map((name) =>
  join(ROOT, 'test/fixtures', name),
);
const FILES = FOLDERS.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name))).filter(
  (file) => /\.(?:txt|xml)$/.test(file),
);
const MOST = 20_000;
const TEXTS = FILES.map((file) => readFileSync(file, 'utf8').slice(0, MOST));
/** What parsers look for, put where it does not belong. */
const PIECES = [
  '<',
  '>',
  ']]>',
  '<![CDATA[',
  '&#0;',
  '&',
  '"',
  '\0',
  '\r',
  '\u001b[2K',
  '\u001b]8;;',
  '\ud800',
  '\ufeff',
  '{',
  '}',
  '1e999',
  '-1',
  ':0:0',
  '\n\n',
  ' FAIL ',
  'not ok 1',
  '<testcase',
  '99999999999999999999',
  '%',
  '\\u',
];
/** Texts of each kind; more by hand. */
const TRIES = Number(process.env.FUZZ_TRIES ?? 600);

function bent(source: Random): string {
  let text = TEXTS[source.below(TEXTS.length)]!;
  for (let n = 1 + source.below(8); n > 0; n--) {
    const [from, length] = [source.below(text.length + 1), source.below(40)];
    const other = TEXTS[source.below(TEXTS.length)]!;
    const at = source.below(other.length + 1);
    const put = [
      '',
      PIECES[source.below(PIECES.length)]!,
      String.fromCharCode(source.below(0x10000)),
      other.slice(at, at + source.below(400)),
      text.slice(from, from + length).repeat(1 + source.below(20)),
    ][source.below(5)]!;
    text = text.slice(0, from) + put + text.slice(from + (source.below(2) ? length : 0));
  }
  return source.below(5) === 0 ? text.slice(0, source.below(text.length + 1)) : text;
}

describe('bytes of others', function () {
  this.timeout(120_000);

  for (const isReport of [false, true])
    it(`${isReport ? 'in report files' : 'in output'} are read without an error, and what comes of them is sound`, () => {
      const seed = Date.now() % 1_000_000;
      const source = random(seed);
      for (let i = 0; i < TRIES; i++) {
        const text = bent(source);
        let report: ReturnType<typeof readRun>;
        try {
          report = readRun(text, isReport);
          screenText(text);
          beginsAsReport(text.slice(0, 4_096));
        } catch (error) {
          throw new Error(`seed ${seed}, text ${i}: ${(error as Error).stack}`);
        }
        if (!report) continue;
        const about = `seed ${seed}, text ${i}: ${report.runner}`;
        assert.deepEqual(structuredClone(report), report, about);
        for (const count of [report.passed, report.failed])
          assert.ok(
            count === null || (Number.isSafeInteger(count) && count >= 0),
            `${about} counts ${count}`,
          );
        for (const { name, message, frames } of report.failures) {
          assert.equal(typeof name, 'string', about);
          assert.equal(typeof message, 'string', about);
          for (const { file, line, column } of frames) {
            assert.ok(file.length > 0 && Number.isSafeInteger(line) && line > 0, `${about}: ${file}:${line}`);
            assert.ok(column === null || Number.isSafeInteger(column), `${about}: ${file}:${line}:${column}`);
          }
        }
        assert.ok(report.failures.length <= 1_000, `${about}: ${report.failures.length} failures`);
      }
    });

  it('are searched for secrets without an error, and what is found lies in them, in order', () => {
    const seed = Date.now() % 1_000_000;
    const source = random(seed);
    for (let i = 0; i < TRIES / 4; i++) {
      const text = bent(source);
      let end = 0;
      for (const found of findSecretsNow(text)) {
        assert.ok(
          found.start >= end && found.end > found.start && found.end <= text.length,
          `seed ${seed}, text ${i}`,
        );
        end = found.end;
      }
    }
  });
});
