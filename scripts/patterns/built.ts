/**
 * The patterns that the product builds while it runs: it is made to build them, and RegExp notes which, and by which places.
 * A place that was not made to build one fails the check (`collect.ts`).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import * as nodePath from 'node:path';
import { join, relative } from 'node:path';
import type * as Attribution from '../../server/capture/sources/attribution';
import type * as Tracked from '../../server/capture/tracking/tracked-document';
import type * as Tokenizers from '../../server/model/tokenizer/tokenizer';
import type * as ReadRun from '../../server/test-output/read-run';
import type * as FillIn from '../../server/training/augment/fill-in';
import { root } from '../build';

export interface Built {
  source: string;
  flags: string;
  /** Its file, and the place in it as the loaded code has it. */
  file: string;
  place: string;
}

/** Loads the product's parts and makes each build its patterns. Call it before anything has loaded those parts. */
export function builtPatterns(): Built[] {
  const found: Built[] = [];
  const Original = globalThis.RegExp;
  const note = (pattern: RegExp): RegExp => {
    const caller = new Error().stack!.split('\n')[3] ?? '';
    const [, path, place] = /\(?((?:[A-Za-z]:)?[^():]+):(\d+:\d+)\)?$/.exec(caller) ?? [];
    const file = relative(root, (path ?? '').replace(/^file:\/\//, '')).replaceAll('\\', '/');
    if (/^(?:server|extension)\//.test(file))
      found.push({ source: pattern.source, flags: pattern.flags, file, place: place! });
    return pattern;
  };
  globalThis.RegExp = new Proxy(Original, {
    construct: (target, args) => note(Reflect.construct(target, args)),
    apply: (target, self, args) => note(Reflect.apply(target, self, args)),
  });
  try {
    makeThem();
  } finally {
    globalThis.RegExp = Original;
  }
  return found;
}

function makeThem(): void {
  // Only now: some build theirs as they are loaded.
  const { parseTestOutput } = require('../../server/test-output/read-run') as typeof ReadRun;
  const { attribute } = require('../../server/capture/sources/attribution') as typeof Attribution;
  const { TrackedDocument } = require('../../server/capture/tracking/tracked-document') as typeof Tracked;
  const { replacePlaceholder } = require('../../server/training/augment/fill-in') as typeof FillIn;
  const { loadTokenizer } = require('../../server/model/tokenizer/tokenizer') as typeof Tokenizers;
  require('../../server/workspace/redaction/vendor-rules');
  require('../../server/prompt-context/declarations');
  for (const file of outputs()) parseTestOutput(readFileSync(file, 'utf8'));
  parseTestOutput(
    'Failed!  - Failed:     1, Passed:     2, Skipped:     0, Total:     3, Duration: 5 ms - Shop.dll\n',
  );
  replacePlaceholder('this.m_name = name;', 'name', 'id');
  const model = join(root, 'media/model');
  const { vocab_size: vocabulary } = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'));
  loadTokenizer(model, vocabulary).encode('const a = { b: 1 };\n'.repeat(50));
  const lost = 'if (user === null) {\n\n\n    return nobody;\n  }\n';
  new TrackedDocument('file:///a.ts', 'typescript', 1, `${lost}\n`.repeat(2)).find(
    { text: lost.replaceAll(' ', '  '), block: null },
    [{ start: 0, end: 2 * lost.length }],
  );
  const frame = { file: 'a.test.ts', line: 1, column: null };
  attribute(
    { name: 'works', message: '', frames: [frame], text: '' },
    [
      {
        id: '1',
        path: '/a.ts',
        startLine: 5,
        endLine: 6,
        scope: { startLine: 4, endLine: 7, name: '$find_user' },
        acceptedAt: 0,
      },
    ],
    {
      startedAt: 1,
      pathOf: () => '/a.test.ts',
      isTest: () => true,
      source: () => null,
      failedBefore: () => false,
      passedBefore: () => false,
      path: nodePath,
    },
  );
}

/** Outputs of every runner that the tests know. */
function outputs(): string[] {
  const folders = ['runs', 'recorded', 'written', 'cases/runs'].map((name) =>
    join(root, 'test/fixtures', name),
  );
  return folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => statSync(file).isFile() && /\.(?:txt|xml)$/.test(file));
}
