import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkedMessage, plainPath } from '../../../extension/panel/check-message';
import { FORWARDED, type FromPage, PANEL_COMMANDS } from '../../../extension/panel/messages';
import { ROOT } from '../../root';

const GOOD: FromPage[] = [
  { kind: 'request', id: 1, method: 'hindsight/events', parameters: { filter: {}, offset: 0, limit: 9 } },
  { kind: 'request', id: 2, method: 'hindsight/status', parameters: null },
  { kind: 'command', command: 'trainNow' },
  { kind: 'feedback', completionId: 'c', text: '', thumbs: -1 },
  { kind: 'delete', completionId: 'c' },
  { kind: 'open', uri: 'file:///w/a.ts', line: 0 },
];

describe('messages of the panel’s page', () => {
  it('are taken as they are meant, without what does not belong to them', () => {
    for (const message of GOOD) assert.deepEqual(checkedMessage({ ...message, more: 1 }), message);
  });

  it('are refused where a field is missing, of another kind, or names what the page may not do', () => {
    const bad: unknown[] = [
      ...[null, undefined, 1, 'open', [], {}, { kind: 'constructor' }],
      { kind: 'command', command: 'deleteMyData' },
      { kind: 'command', command: 'toString' },
      { kind: 'request', id: 1, method: 'hindsight/delete', parameters: { scope: 'all' } },
      { kind: 'request', id: 1, method: 'hindsight/export', parameters: { path: '/etc/x' } },
      { kind: 'request', id: '1', method: 'hindsight/events', parameters: {} },
      { kind: 'feedback', completionId: 'c', text: 'x'.repeat(200_000), thumbs: 1 },
      { kind: 'feedback', completionId: 'c', text: 'x', thumbs: 5 },
      { kind: 'feedback', completionId: { $ne: null }, text: 'x', thumbs: 1 },
      { kind: 'delete', completionId: '' },
      { kind: 'open', uri: 'file:///w/a.ts', line: -1 },
      { kind: 'open', uri: ['file:///w/a.ts'], line: 1 },
    ];
    for (const message of bad) assert.equal(checkedMessage(message), null, JSON.stringify(message));
  });

  it('never throw and never let anything else through', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...GOOD),
        fc.dictionary(
          fc.constantFrom(
            'kind',
            'id',
            'method',
            'parameters',
            'command',
            'completionId',
            'text',
            'thumbs',
            'uri',
            'line',
          ),
          fc.anything(),
        ),
        (message, changes) => {
          const found = checkedMessage({ ...message, ...changes });
          if (found?.kind === 'command') assert.ok(PANEL_COMMANDS.includes(found.command));
          if (found?.kind === 'request') assert.ok(FORWARDED.includes(found.method));
          if (found?.kind === 'open') assert.ok(typeof found.uri === 'string' && found.line >= 0);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('name files by paths that do not climb', () => {
    assert.equal(plainPath('/ws/../etc/x'), '/etc/x');
    assert.equal(plainPath('/ws/./a//b.ts'), '/ws/a/b.ts');
    assert.equal(plainPath('/c:/ws/..\\..\\x'), null);
    assert.equal(plainPath('/ws/a\0.ts'), null);
  });

  it('are all that the page sends', () => {
    const folder = join(ROOT, 'extension/panel/page');
    const kinds = readdirSync(folder).flatMap((name) =>
      [
        ...readFileSync(join(folder, name), 'utf8').matchAll(/(?:post|postMessage|send)\(\{ kind: '(\w+)'/g),
      ].map((match) => match[1]),
    );
    assert.ok(kinds.length > 0);
    for (const kind of kinds)
      assert.ok(
        GOOD.some((message) => message.kind === kind),
        kind,
      );
  });
});
