import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  beginsAsReport,
  mayBeReport,
  mayBeReportFolder,
  readReport,
  reportsIn,
  writtenAt,
} from '../../../extension/signals/report-file';
import { ROOT } from '../../root';

const RUNS = join(ROOT, 'test/fixtures/runs');

describe('test reports in the workspace', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hindsight-reports-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are told from other files by how they begin', () => {
    const reports = ['jest-junit.xml', 'maven-junit.xml', 'node-junit.xml', 'mocha-xunit.xml'];
    const more = ['pytest-junit.xml', 'gradle-junit.xml', 'phpunit-junit.xml', 'vitest-junit.xml'];
    for (const name of [...reports, ...more, 'node-tap.txt', 'mocha-tap.txt', 'go-json.txt'])
      assert.ok(beginsAsReport(readFileSync(join(RUNS, name), 'utf8').slice(0, 4_096)), name);
    const others = [
      '<?xml version="1.0"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">',
      '{"name":"x","Action":"none"}',
      '{\n  "Time": 1 }',
      '[1]',
      '1..x',
      '',
    ];
    for (const text of others) assert.ok(!beginsAsReport(text), text);
    assert.ok(mayBeReport('/w/target/surefire-reports/TEST-a.xml') && mayBeReport('/w/out.tap'));
    assert.ok(!mayBeReport('/w/node_modules/x/test.xml') && !mayBeReport('/w/a.ts'));
  });

  it('are found in a folder that was made a moment ago', async () => {
    const root = join(folder, 'target');
    for (const path of ['surefire-reports', 'deep/er/still/more', 'node_modules/x'])
      mkdirSync(join(root, path), { recursive: true });
    const files = ['surefire-reports/TEST-a.xml', 'a.class', 'deep/er/b.tap', 'deep/er/still/c.tap'];
    for (const path of [...files, 'node_modules/x/d.xml']) writeFileSync(join(root, path), '');
    const found = await reportsIn(root);
    assert.deepEqual(found.sort(), [join(root, 'deep/er/b.tap'), join(root, 'surefire-reports/TEST-a.xml')]);
    assert.deepEqual(await reportsIn(join(root, 'a.class')), []);
    assert.ok(
      mayBeReportFolder(root) && !mayBeReportFolder('/w/a.ts') && !mayBeReportFolder('/w/node_modules'),
    );
  });

  it('are read with when their run began and ended', async () => {
    const written = new Date('2026-11-24T10:00:00Z');
    const put = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      utimesSync(join(folder, name), written, written);
      return readReport(join(folder, name));
    };
    const xml = readFileSync(join(RUNS, 'jest-junit.xml'), 'utf8');
    const report = (await put('junit.xml', xml))!;
    assert.equal(report.output, xml);
    assert.deepEqual([report.endedAt - report.startedAt, report.endedAt], [582, written.getTime()]);
    const line = '{"Time":"2026-11-24T09:59:57Z","Action":"run","Package":"p","Test":"T"}\n';
    const json = (await put('go.jsonl', line))!;
    assert.equal(json.endedAt - json.startedAt, 3_000);
    assert.equal(await put('pom.xml', '<project/>'), null);
    assert.equal(await writtenAt(join(folder, 'junit.xml')), written.getTime());
    assert.equal(await writtenAt(join(folder, 'none.xml')), null);
    const long = (await put('long.tap', `TAP version 13\n${'ok 1 - a\n'.repeat(600_000)}`))!;
    assert.equal(long.output.length, 4_000_000);
  });
});
