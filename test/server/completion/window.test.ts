import assert from 'node:assert/strict';
import fc from 'fast-check';
import { aroundWindow, codeWindow } from '../../../server/completion/window';

const limits = { prefix: 200, suffix: 80, stepLines: 4 };

describe('code window', () => {
  it('is the whole of a short document', () => {
    assert.deepEqual(codeWindow('abc\ndef', 4, limits), { prefix: 'abc\n', suffix: 'def' });
  });

  it('always meets at the cursor and keeps to its limits', () => {
    const text = fc.array(fc.string({ maxLength: 60 }), { maxLength: 60 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, fc.nat(), (source, seed) => {
        const at = source.length === 0 ? 0 : seed % (source.length + 1);
        const { prefix, suffix } = codeWindow(source, at, limits);
        assert.ok(source.slice(0, at).endsWith(prefix) && source.slice(at).startsWith(suffix));
        assert.ok(prefix.length <= limits.prefix && suffix.length <= limits.suffix);
      }),
    );
  });

  it('keeps its start while a few lines are typed, so that the cache stays of use', () => {
    const line = 'const value = 1;\n';
    const starts = new Set<number>();
    for (let lines = 40; lines < 44; lines++) {
      const text = line.repeat(lines);
      starts.add(text.length - codeWindow(text, text.length, limits).prefix.length);
    }
    assert.ok(starts.size <= 2, `the start moved ${starts.size} times`);
  });

  it('cuts inside a line longer than the window', () => {
    const { prefix } = codeWindow('x'.repeat(1000), 1000, limits);
    assert.equal(prefix.length, limits.prefix);
  });

  it('names what lies around it, for guesses: nothing twice, nothing of it', () => {
    const text = Array.from({ length: 400 }, (_, i) => `line ${i}\n`).join('');
    const window = codeWindow(text, 2000, limits);
    const [after, before] = aroundWindow(text, 2000, window) as [string, string];
    assert.equal(before + window.prefix + window.suffix + after, text);
    assert.deepEqual(aroundWindow('short', 3, codeWindow('short', 3, limits)), []);
  });
});
