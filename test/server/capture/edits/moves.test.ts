/** Accepted texts are followed where they go: to another line or file, and away and back. */
import assert from 'node:assert/strict';
import type { Session } from '../session';
import { corrected, FILE, Played } from './played';

describe('changes of an accepted text', () => {
  let s: Session;
  let played: Played;
  const take = (...given: Parameters<Played['take']>) => played.take(...given);
  const learned = (...given: Parameters<Played['learned']>) => played.learned(...given);
  beforeEach(async () => {
    played = await Played.start();
    s = played.s;
  });
  afterEach(async () => {
    assert.deepEqual(s.messages, []);
    await s.end();
  });

  describe('that put lines in another order', () => {
    const IMPORTS = "import { b } from './b';\nimport { c } from './c';\n\nrun(b, c);\n";

    it('are no correction: organised imports, in one edit and in several', async () => {
      for (const several of [false, true]) {
        const path = `src/imports${several}.ts`;
        s.open(path, IMPORTS);
        const id = s.take(path, "'./c';\n", "import { a } from './a';\n");
        const [first] = ["import { b } from './b';\nimport { c } from './c';\nimport { a } from './a';\n"];
        if (several) {
          const at = s.text(path).indexOf('import { a }');
          s.edits(path, [
            { start: at, length: 25, text: '' },
            { start: 0, length: 0, text: "import { a } from './a';\n" },
          ]);
        } else
          s.replace(
            path,
            first!,
            "import { a } from './a';\nimport { b } from './b';\nimport { c } from './c';\n",
          );
        assert.ok(s.text(path).startsWith("import { a } from './a';\nimport { b }"), s.text(path));
        assert.equal(await learned(id, path), null);
      }
    });

    it('are no correction: imports joined into one, or taken out', async () => {
      for (const [path, organised] of [
        ['src/joined.ts', "import { a, b } from './x';\nimport { c } from './c';\n"],
        ['src/unused.ts', "import { a } from './x';\nimport { c } from './c';\n"],
        ['src/split.ts', "import {\n  a,\n  b,\n} from './x';\nimport { c } from './c';\n"],
      ] as const) {
        s.open(path, "import { a } from './x';\nimport { c } from './c';\n\nrun(a);\n");
        const id = s.take(path, "'./c';\n", "import { b } from './x';");
        const text = s.text(path);
        s.replace(path, text.slice(0, text.indexOf('\nrun')), organised);
        assert.equal(await learned(id, path), null, path);
      }
      const id = take("import { a } from './x';", '\nrun(a);\n', '');
      s.replace('src/a.ts', './x', './y');
      assert.deepEqual(await learned(id), corrected("import { a } from './y';"));
    });

    it('are no correction: lines sorted, where the last has no comma', async () => {
      const id = take('  "apple"', 'const list = [\n  "pear",\n\n];\n', '"pear",\n');
      s.replace('src/a.ts', '  "pear",\n  "apple"', '  "apple",\n  "pear"');
      assert.equal(await learned(id), null);
      s.replace('src/a.ts', 'apple', 'cherry');
      assert.match((await learned(id))?.solution ?? '', /^ {2}"cherry",?$/);
    });

    it('leave a later correction whole', async () => {
      const id = take('"apple",', 'const list = [\n  "pear",\n  \n];\n', '"pear",\n  ');
      s.replace('src/a.ts', '  "pear",\n  "apple",', '  "apple",\n  "pear",');
      s.type('src/a.ts', '"apple', ' pie');
      assert.deepEqual(await learned(id), corrected('"apple pie",'));
    });

    it('are no correction: a line moved up and down by the editor', async () => {
      const id = take('b(1);', 'function f() {\n  a();\n  \n  c();\n}\n', 'a();\n  ');
      const swap = (upper: string, lower: string) => {
        const at = s.text('src/a.ts').indexOf(`  ${upper}\n  ${lower}`);
        // Later places first: the line above goes below.
        const moved = `  ${upper}\n`;
        s.edits('src/a.ts', [
          { start: at + moved.length + lower.length + 3, length: 0, text: moved },
          { start: at, length: moved.length, text: '' },
        ]);
        assert.ok(s.text('src/a.ts').includes(`  ${lower}\n  ${upper}\n`), s.text('src/a.ts'));
      };
      swap('a();', 'b(1);');
      swap('b(1);', 'a();');
      swap('b(1);', 'c();');
      assert.equal(await learned(id), null);
    });

    it('are no correction: a function moved within the file, in one edit, in two, or cut and pasted', async () => {
      const [first, second] = ['function first() {\n  return \n}\n', 'function second() {\n  return 2;\n}\n'];
      for (const how of ['one edit', 'two edits', 'cut and paste', 'into a class']) {
        const path = `src/${how.replaceAll(' ', '-')}.ts`;
        s.open(path, `${first}\n${second}`);
        const id = s.take(path, 'return ', 'compute(1);');
        s.save(path);
        const moved = first.replace('return ', 'return compute(1);');
        if (how === 'one edit') s.replace(path, `${moved}\n${second}`, `${second}\n${moved}`);
        else if (how === 'two edits') {
          const { length } = s.text(path);
          s.edits(path, [
            { start: length, length: 0, text: `\n${moved}` },
            { start: 0, length: moved.length + 1, text: '' },
          ]);
        } else {
          s.replace(path, `${moved}\n`, '');
          s.advance(20_000);
          const text = how === 'into a class' ? moved.replaceAll(/^(?=.)/gm, '    ') : moved;
          s.edit(path, s.text(path).length, 0, `\n${text}`);
        }
        s.replace(path, 'second', 'other');
        assert.equal(await learned(id, path), null, how);
        s.replace(path, 'compute(1)', 'compute(2)');
        assert.deepEqual(await learned(id, path), corrected('compute(2);'), how);
      }
    });

    it('are a correction where one of several alike was changed', async () => {
      const id = take(
        '  return null;',
        'function f() {\n  return null;\n}\nfunction g() {\n\n}\n',
        'g() {\n',
      );
      const text = s.text('src/a.ts');
      const at = text.lastIndexOf('null');
      s.whole('src/a.ts', `${text.slice(0, at)}undefined${text.slice(at + 4)}`);
      assert.deepEqual((await learned(id))?.solution, '  return undefined;');
    });
  });

  describe('that take it to another file', () => {
    const TEXT = 'export function load(id: string) {\n  return db.get(id);\n}\n';

    it('are no correction, and it is followed there: cut and pasted, or put there before it is taken away', async () => {
      for (const pasteFirst of [false, true]) {
        const [from, to] = [`src/from${pasteFirst}.ts`, `src/to${pasteFirst}.ts`];
        s.open(to, 'export const other = 1;\n');
        s.open(from, TEXT.replace('db.get(id);', ''));
        const id = s.take(from, 'return ', 'db.get(id);');
        s.save(from);
        const cut = () => s.replace(from, TEXT, '');
        const paste = () => s.edit(to, s.text(to).length, 0, `\n${TEXT}`);
        for (const step of pasteFirst ? [paste, cut] : [cut, paste]) {
          step();
          s.advance(1_000);
        }
        s.save(from);
        assert.equal(await learned(id, to), null);
        s.replace(to, 'get', 'fetchOne');
        assert.deepEqual(await learned(id, to), corrected('db.fetchOne(id);'));
      }
    });

    it('are followed no further where that file is excluded', async () => {
      s.open('.env', 'A=1\n');
      const id = take('db.get(id);');
      s.replace('src/a.ts', '  return db.get(id);\n', '');
      s.edit('.env', 0, 0, '  return db.get(id);\n');
      s.replace('.env', 'get', 'fetchOne');
      s.save('.env');
      assert.equal(await learned(id), null);
    });

    it('are followed where it is renamed or saved under another name, in either order', async () => {
      for (const openFirst of [false, true]) {
        const [from, to] = [`src/old${openFirst}.ts`, `src/new${openFirst}.ts`];
        const id = take('db.get(id);', FILE, 'return ', from);
        s.rename(from, to, openFirst);
        assert.equal(await learned(id, to), null);
        s.replace(to, 'get', 'fetchOne');
        assert.deepEqual(await learned(id, to), corrected('db.fetchOne(id);'));
      }
    });

    it('are not followed into a file that only looks like it', async () => {
      const id = take('db.get(id);');
      s.open('src/copy.ts', s.text('src/a.ts'));
      s.replace('src/copy.ts', 'get', 'fetchOne');
      s.save('src/copy.ts');
      assert.equal(await learned(id), null);
    });
  });

  describe('by a stash, a checkout or a reload', () => {
    it('are no correction, and it is followed again when it comes back', async () => {
      for (const reason of ['reload', 'checkout'] as const) {
        const path = `src/${reason}.ts`;
        const id = take('db.get(id);', FILE, 'return ', path);
        const text = s.text(path);
        played.reload(FILE.replace('return ', 'return cache.old(id, 1);'), reason, path);
        s.advance(120_000);
        assert.equal(await s.event(id), null);
        played.reload(text, reason, path);
        assert.equal(await learned(id, path), null);
        s.replace(path, 'get', 'fetchOne');
        assert.deepEqual(await learned(id, path), corrected('db.fetchOne(id);'));
      }
    });

    it('leave a correction that was stashed and popped', async () => {
      const id = take('db.get(id);');
      s.replace('src/a.ts', 'get', 'fetchOne');
      s.save('src/a.ts');
      const text = s.text('src/a.ts');
      played.reload(FILE, 'reload');
      assert.equal((await s.event(id))?.status, 'dropped');
      s.advance(30_000);
      played.reload(text, 'reload');
      assert.deepEqual(await learned(id), corrected('db.fetchOne(id);'));
    });

    it('are no correction where the file was closed meanwhile', async () => {
      const id = take('db.get(id);');
      const text = s.text('src/a.ts');
      s.close('src/a.ts');
      s.open('src/a.ts', FILE);
      s.advance(30_000);
      s.close('src/a.ts');
      s.open('src/a.ts', text);
      s.replace('src/a.ts', 'get', 'fetchOne');
      assert.deepEqual(await learned(id), corrected('db.fetchOne(id);'));
    });

    it('leave alone what stands in it as before', async () => {
      const id = take('db.get(id);');
      played.reload(`// pulled\n${s.text('src/a.ts')}`, 'reload');
      s.replace('src/a.ts', 'get', 'fetchOne');
      assert.deepEqual(await learned(id), corrected('db.fetchOne(id);'));
    });
  });
});
