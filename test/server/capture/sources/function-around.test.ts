import assert from 'node:assert/strict';
import { scopeOf } from '../../../../server/capture/sources/attribution';

describe('the function around a line', () => {
  const scope = (text: string, line: number) => scopeOf(text.split('\n'), line, line);

  it('is found by indentation, through inner blocks', () => {
    const ts =
      'import a;\n\nexport async function load(id: string) {\n  if (id) {\n    return 1;\n  }\n  return 2;\n}\n\nfunction other() {}\n';
    assert.deepEqual(scope(ts, 4), { startLine: 2, endLine: 6, name: 'load' });
    const py =
      'class A:\n    def first(self):\n        for x in y:\n            z\n\n    def second(self):\n        pass\n';
    assert.deepEqual(scope(py, 3), { startLine: 1, endLine: 4, name: 'first' });
    assert.equal(
      scope('  const sum = (a: number, b: number): number => {\n    return a;\n  };\n', 1).name,
      'sum',
    );
    assert.equal(
      scope('class A {\n  private async run(a: B): Promise<void> {\n    x;\n  }\n}\n', 2).name,
      'run',
    );
    assert.equal(scope('x = 1\ny = 2\n', 1).name, null);
  });
});
