import assert from 'node:assert/strict';
import { standsInText } from '../../../server/completion/in-text';
import { OfferedText } from '../../../server/completion/offered-text';
import { Grammars } from '../../../server/syntax/grammars';

const grammars = new Grammars();

/** What is offered of a text at `|`. */
async function offered(path: string, code: string, text: string): Promise<string | null> {
  const [prefix, suffix] = code.split('|') as [string, string];
  const inText = standsInText(prefix, path, '');
  const rules = await OfferedText.at({ path, languageId: '', prefix, suffix, inText }, grammars);
  return rules.offered(text).text;
}

describe('text for people among code', () => {
  it('is known: comments and documentation, however long they are', () => {
    const cases: [string, string, boolean][] = [
      ['a.py', 'def f():\n    """Sums\n    ', true],
      ['a.py', `"""${'x y z\n'.repeat(2_000)}`, true],
      ['a.py', 'def f():\n    """Sums."""\n    ', false],
      ['a.py', 'x = "a ', false],
      ['a.py', 'x = 1  # the ', true],
      ['a.java', '/*\n * Copyright\n ', true],
      ['a.java', '/** Sums. */\n', false],
      ['a.ts', 'const url = "http://x"; ', false],
      ['a.ts', 'const a = `b\n', false],
      ['a.php', '/**\n * @return ', true],
      ['a.cs', '/// <summary>', true],
    ];
    for (const [path, before, expected] of cases)
      assert.equal(standsInText(before, path, ''), expected, before.slice(0, 40));
  });

  it('need not parse', async () => {
    const header = `/*\n${' * The license says so and so.\n'.repeat(40)} */\npackage a;\n`;
    assert.equal(
      await offered('a.java', `/*\n|\n${header.slice(3)}`, ' * Copyright of the authors.'),
      ' * Copyright of the authors.',
    );
    const words = 'It is potentially dangerous to use, depending on how your';
    assert.equal(
      await offered(
        'a.py',
        `def f(x):\n    """Loads.\n\n    |\n    ${'more words\n    '.repeat(90)}"""\n    return x\n`,
        words,
      ),
      words,
    );
  });

  it('may begin in what is offered, and go on below', async () => {
    assert.equal(
      await offered(
        'a.py',
        `def f(x):\n    |\n    ${'more words\n    '.repeat(90)}"""\n    return x\n`,
        '"""Loads what',
      ),
      '"""Loads what',
    );
  });

  it('that the window cuts below the cursor is no error of what is offered', async () => {
    const below = `\n\n    def g(self):\n        """${'Words. '.repeat(120)}"""\n        return 1\n`;
    assert.equal(
      await offered('a.py', `class A:\n    def f(self):\n        |${below}`, 'return self.x'),
      'return self.x',
    );
  });

  it('is nowhere else excused: code must parse', async () => {
    assert.equal(await offered('a.cs', 'class A {\n  int F() {\n    |\n  }\n}\n', 'return ((1;'), null);
    assert.equal(await offered('a.cs', 'class A {\n  int F() {\n    |\n  }\n}\n', 'return 1;'), 'return 1;');
    assert.equal(await offered('a.php', '<?php\nfunction f($x) {\n    |\n}\n', 'return $x +;'), null);
    assert.equal(
      await offered('a.php', '<?php\nfunction f($x) {\n    |\n}\n', 'return $x + 1;'),
      'return $x + 1;',
    );
  });
});
