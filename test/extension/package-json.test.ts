import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCEPTED_COMMAND, COMMENT_COMMAND } from '../../server/protocol/messages';
import { defaultSettings } from '../../server/protocol/settings';

const root = join(__dirname, '..', '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { properties } = manifest.contributes.configuration;

/** Dotted keys and values of the leaves. */
function leaves(value: object, prefix: string): [string, unknown][] {
  return Object.entries(value).flatMap(([name, each]) =>
    typeof each === 'object' && !Array.isArray(each)
      ? leaves(each, `${prefix}${name}.`)
      : [[prefix + name, each] as [string, unknown]],
  );
}

describe('package.json', () => {
  it('declares every setting of the protocol with the same default', () => {
    for (const [key, value] of leaves(defaultSettings, 'hindsight.'))
      assert.deepEqual(properties[key]?.default, value, key);
  });

  it('declares no setting that nothing reads', () => {
    const known = leaves(defaultSettings, 'hindsight.').map(([key]) => key);
    // The client's own.
    known.push(
      'hindsight.tests.command',
      'hindsight.tests.fixSeconds',
      'hindsight.languages',
      'hindsight.model.offer',
      'hindsight.weeklyLine',
    );
    assert.deepEqual(Object.keys(properties).sort(), known.sort());
  });

  it('describes every setting and orders them', () => {
    for (const [key, property] of Object.entries<Record<string, unknown>>(properties)) {
      assert.ok(String(property.markdownDescription).length > 20, key);
      assert.equal(typeof property.order, 'number', key);
    }
  });

  it('has every command registered, and registers no other', () => {
    const declared = manifest.contributes.commands.map((each: { command: string }) => each.command);
    const source = readFileSync(join(root, 'extension', 'commands', 'commands.ts'), 'utf8');
    const block = /handlers: Record<string, \([^)]*\) => unknown> = \{([\s\S]*?)\n {2}\};/.exec(source)![1]!;
    const registered = [...block.matchAll(/^ {4}(\w+)[:,]/gm)].map((match) => `hindsight.${match[1]}`);
    registered.push('hindsight.accepted', 'hindsight.reject');
    assert.deepEqual(declared.sort(), registered.sort());
    assert.ok(declared.includes(ACCEPTED_COMMAND) && declared.includes(COMMENT_COMMAND));
  });

  it('uses stable API only', () => {
    assert.equal(manifest.enabledApiProposals, undefined);
  });

  it('names files that exist', () => {
    const steps = manifest.contributes.walkthroughs[0].steps as { media: { markdown: string } }[];
    assert.equal(steps.length, 5);
    for (const path of [manifest.icon, ...steps.map((step) => step.media.markdown)])
      assert.ok(existsSync(join(root, path)), path);
  });
});
