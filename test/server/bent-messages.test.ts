/** Whatever an editor, an extension or a bent settings file makes of a message: the server lives, and what was stored stays whole. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { defaultSettings } from '../../server/protocol/settings';
import { ROOT } from '../root';
import { bundleServer } from './bundle';
import { LanguageClient } from './language-client';

const TRIES = Number(process.env.FUZZ_TRIES ?? 300);

/** Values that stand where another one is expected. */
const odd = fc.constantFrom<unknown>(
  null,
  '',
  'x',
  '\u0000\ud800',
  'file:///%',
  'file:///../../etc/passwd',
  '../'.repeat(2_000),
  '\\\\server\\share',
  'a'.repeat(300_000),
  -1,
  0.5,
  1e308,
  2 ** 53,
  true,
  [],
  [[]],
  {},
  { line: -1, character: 1e9 },
  { __proto__: null, toString: 1 },
  '; DROP TABLE completions; --',
);

interface Bend {
  /** Which of the message's places, as a share of them. */
  at: number;
  how: 'replace' | 'delete' | 'double';
  value: unknown;
}
const bends = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    how: fc.constantFrom('replace', 'delete', 'double') as fc.Arbitrary<Bend['how']>,
    value: odd,
  }),
  { minLength: 1, maxLength: 3 },
);

/** Paths to every place in a message. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, each]) =>
          places(each, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : [];
  return [path, ...inner];
}

function bent(message: unknown, list: readonly Bend[]): unknown {
  let made: unknown = structuredClone(message);
  for (const { at, how, value: given } of list) {
    // A copy: a later bend of the same message must not reach into the value of another one.
    const value = structuredClone(given);
    const all = places(made);
    const path = all[Math.floor(at * all.length)]!;
    const key = path.at(-1);
    if (key === undefined) {
      made = value;
      continue;
    }
    const parent = path.slice(0, -1).reduce((inner, one) => (inner as never)[one], made) as Record<
      string,
      unknown
    >;
    if (how === 'replace') parent[key] = value;
    else if (how === 'delete') delete parent[key];
    else if (Array.isArray(parent)) parent.push(structuredClone(parent[key as number]));
    else parent[`${key}2`] = structuredClone(parent[key]);
  }
  return made;
}

describe('bent messages', function () {
  this.timeout(120_000);
  let folder: string;
  let client: LanguageClient;
  let uri: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hindsight-bent-'));
    uri = pathToFileURL(join(folder, 'a.js')).href;
    client = new LanguageClient(await bundleServer(), {
      storagePath: join(folder, 'storage'),
      embeddedModelPath: join(ROOT, 'media/model'),
    });
    await client.initialize(folder);
    await client.until(
      async () => (await client.request('hindsight/status', null)).activity === 'idle',
      'the model',
    );
    await client.open(uri, 'javascript', 'function load(id) {\n  if (!id) {\n    \n  }\n}\n');
  });
  after(async () => {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('end nothing, lose nothing and write nothing outside', async () => {
    const before = readdirSync(folder).sort();
    const offered = await client.complete(uri, 2, 4);
    const completionId = offered!.id;
    const at = Date.now();
    const place = { uri, line: 2, character: 4 };
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
    await client.notify('hindsight/accepted', { completionId, confidence: 'observed', at });
    await client.notify('hindsight/feedback', { completionId, text: 'say what is missing', thumbs: 0, at });
    assert.equal(await client.request('hindsight/durable', null), true);
    const notifications: [string, unknown][] = [
      ['hindsight/shown', { completionId, confidence: 'observed', at }],
      ['hindsight/accepted', { completionId, confidence: 'observed', at, acceptedLength: 3 }],
      ['hindsight/rejected', { completionId, kind: 'ignored', confidence: 'inferred', at }],
      ['hindsight/editReason', { uri, version: 1, reason: 'paste' }],
      [
        'hindsight/run',
        {
          source: 'terminal',
          command: 'npm test',
          cwd: folder,
          exitCode: 1,
          output: '# fail 1\n',
          startedAt: at,
          endedAt: at,
        },
      ],
      [
        'hindsight/diagnostics',
        { uri, version: 1, items: [{ range, message: 'no such name', severity: 'error', source: 'ts' }] },
      ],
      ['hindsight/feedback', { completionId, text: 'no', thumbs: -1, at }],
      ['hindsight/cursor', { uri, version: 1, position: range.start, declared: [{ uri, line: 1 }] }],
      ['hindsight/settings', defaultSettings],
      ['hindsight/serverKey', { key: { host: 'h', key: 'k' } }],
      [
        'textDocument/didChange',
        { textDocument: { uri, version: 2 }, contentChanges: [{ range, text: 'x' }] },
      ],
      ['textDocument/didSave', { textDocument: { uri } }],
      ['workspace/didChangeWorkspaceFolders', { event: { added: [{ uri, name: 'n' }], removed: [] } }],
    ];
    const requests: [string, unknown][] = [
      ['hindsight/events', { filter: { path: 'a', signal: 'edited' }, offset: 0, limit: 10 }],
      ['hindsight/event', { completionId }],
      ['hindsight/rounds', { limit: 5 }],
      ['hindsight/acceptance', { bucketMs: 60_000, limit: 30 }],
      ['hindsight/whyQuiet', { uri }],
      ['hindsight/expected', { ...place, text: 'return null;', offered: '' }],
      ['hindsight/learnAgain', { completionId }],
      ['hindsight/rules', null],
      ['hindsight/changeRule', { key: 'none', change: { state: 'off', sentence: 'no', scope: 'project' } }],
      ['hindsight/why', { completionId }],
      ['hindsight/pauseLearning', { paused: false }],
      ['hindsight/delete', { scope: 'event', completionId: 'none', uri }],
      ['hindsight/failingTests', null],
      [
        'textDocument/inlineCompletion',
        { textDocument: { uri }, position: { line: 2, character: 4 }, context: { triggerKind: 1 } },
      ],
      ['textDocument/codeAction', { textDocument: { uri }, range, context: { diagnostics: [] } }],
    ];
    const isDeletion = (method: string, message: unknown) =>
      method === 'hindsight/delete' && JSON.stringify(message).includes('"all"');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...notifications, ...requests),
        bends,
        async ([method, message], list) => {
          const made = bent(message, list);
          if (isDeletion(method, made)) return;
          if (notifications.some(([name]) => name === method)) {
            await client.connection.sendNotification(method, made as object);
          } else {
            const answer = client.connection.sendRequest(method, made as object);
            await Promise.race([
              answer.catch((error: Error) => {
                assert.doesNotMatch(error.message, /\n\s+at /, `${method} answers with a stack`);
              }),
              late(`${method} ${JSON.stringify(made).slice(0, 500)}`),
            ]);
          }
        },
      ),
      { numRuns: TRIES },
    );
    await client.notify('hindsight/settings', defaultSettings);
    assert.equal(await client.request('hindsight/durable', null), true);
    assert.equal(client.process.exitCode, null);
    const story = await client.request('hindsight/event', { completionId });
    assert.equal(story?.text, offered!.text);
    assert.ok(story?.feedback.some(({ text }) => text === 'say what is missing'));
    assert.deepEqual(readdirSync(folder).sort(), before);
  });
});

function late(what: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`No answer within 20 s: ${what}`)), 20_000).unref();
  });
}
