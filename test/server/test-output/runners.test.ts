/** That no parser is forgotten, and none stands without an output it reads. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunParser } from '../../../server/test-output/report';
import { REPORTS, RUNNERS } from '../../../server/test-output/runners';
import { understandRun } from '../../../server/test-output/understand-run';
import { ROOT } from '../../root';

const PARSERS = join(ROOT, 'server/test-output/parsers');
const FIXTURES = join(ROOT, 'test/fixtures');

describe('runners', () => {
  it('are listed, each that has a file', () => {
    const files = readdirSync(PARSERS, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    for (const file of files) {
      const exported = Object.values(require(join(PARSERS, file)) as Record<string, unknown>);
      const parsers = exported.filter((one): one is RunParser => one instanceof Object && 'marks' in one);
      for (const parser of parsers) {
        assert.ok(RUNNERS.includes(parser) || REPORTS.includes(parser), `${file} is not in runners.ts`);
      }
    }
  });

  it('are each read from an output that failed', () => {
    const read = new Set<string>();
    for (const folder of ['runs', 'recorded', 'written', 'cases/runs']) {
      for (const name of readdirSync(join(FIXTURES, folder)).filter((file) => /\.(?:txt|xml)$/.test(file))) {
        const output = readFileSync(join(FIXTURES, folder, name), 'utf8');
        const { runner, outcome } = understandRun({ output, isReport: name.endsWith('.xml') });
        if (outcome === 'red') for (const one of runner?.split(' + ') ?? []) read.add(one);
      }
    }
    for (const { runner } of [...RUNNERS, ...REPORTS]) assert.ok(read.has(runner), `no output of ${runner}`);
  });

  it('have no pattern that keeps a state between lines', () => {
    for (const { runner, marks, begins, ends } of RUNNERS) {
      for (const pattern of [marks, begins, ends]) assert.ok(!/[gy]/.test(pattern?.flags ?? ''), runner);
    }
  });
});
