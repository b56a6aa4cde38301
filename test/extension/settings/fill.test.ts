import assert from 'node:assert/strict';
import { fill } from '../../../extension/settings/fill';

describe('fill', () => {
  const defaults = { a: { on: true, wait: 5 }, list: [] as string[] };

  it('asks for every leaf by its dotted key', () => {
    const values: Record<string, unknown> = { 'a.on': false, 'a.wait': 9, list: ['x'] };
    assert.deepEqual(
      fill(defaults, '', (key) => values[key]),
      { a: { on: false, wait: 9 }, list: ['x'] },
    );
  });

  it('passes over values of another type', () => {
    const values: Record<string, unknown> = { 'a.on': 'yes', 'a.wait': null, list: {} };
    assert.deepEqual(
      fill(defaults, '', (key) => values[key]),
      defaults,
    );
  });
});
