/** What edits of an accepted text teach, and which teach nothing: the table of docs/capture.md, played in a scripted editor. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reason } from '../../../../extension/signals/edit-source';
import { ROOT } from '../../../root';
import type { Session } from '../session';
import { corrected, FILE, Played } from './played';

interface Case {
  name: string;
  before: string;
  accepted: string;
  at?: string;
  edit: string | { find: string; put: string };
  right: string;
}

const CASES = JSON.parse(
  readFileSync(join(ROOT, 'test', 'fixtures', 'edits', 'edits.json'), 'utf8'),
) as Case[];

describe('edits of an accepted text', () => {
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

  describe('of the collected cases', () => {
    /** How each is played, where its file does not say it by itself; what is right, where that is not "no correction". */
    const play: Record<string, (one: Case) => Promise<void>> = {
      'file renamed': async ({ accepted }) => {
        const id = take(accepted, FILE, 'return ', 'src/a.js');
        s.rename('src/a.js', 'src/b.js');
        s.replace('src/b.js', 'get', 'fetchOne');
        assert.deepEqual(await learned(id, 'src/b.js'), corrected('db.fetchOne(id);'));
      },
      'F2 with a single place in a visible file': async ({ before, accepted }) => {
        const id = take(accepted, before);
        s.renameSymbol('src/a.ts', 'get', 'fetchRow');
        assert.equal(await learned(id), null);
      },
    };
    const EDITS: Record<string, { find: string; put: string }> = {
      'line commented out': { find: '  first', put: '  // first' },
      'formatter adds one semicolon inside (Format Document, not on save)': {
        find: 'first(a)\n',
        put: 'first(a);\n',
      },
    };
    const PLACES: Record<string, string> = {
      'imports put in order by one edit': 'import os\n',
      'Sort Lines': '"pear",\n',
      'line commented out': '{\n',
      'formatter adds one semicolon inside (Format Document, not on save)': '{\n',
    };
    const LANGUAGES: Record<string, string> = { 'imports put in order by one edit': 'python' };

    for (const one of CASES) {
      it(`${one.name}: ${one.right}`, async () => {
        const own = play[one.name];
        if (own) return own(one);
        const language = LANGUAGES[one.name] ?? 'typescript';
        const id = take(one.accepted, one.before, PLACES[one.name], 'src/a.ts', language);
        const { find, put } = typeof one.edit === 'string' ? EDITS[one.name]! : one.edit;
        s.replace('src/a.ts', find, put);
        assert.equal(await learned(id), null);
      });
    }
  });

  describe('of form only', () => {
    const one = async (accepted: string, find: string, put: string, before = FILE, after = 'return ') => {
      const path = `src/form${++forms}.ts`;
      const id = take(accepted, before, after, path);
      s.replace(path, find, put);
      return learned(id, path);
    };
    let forms = 0;

    it('are no correction: one mark, one quote, one word of a declaration, the case of a number', async () => {
      const BODY = 'function f(a) {\n\n}\n';
      assert.equal(await one('  first(a)\n  second(a)', ')\n  second', ');\n  second', BODY, '{\n'), null);
      assert.equal(await one("  log('a')", "'a'", '"a"', BODY, '{\n'), null);
      assert.equal(await one('  let total = sum(a);', 'let', 'const', BODY, '{\n'), null);
      assert.equal(await one('  mask(0XFF);', '0XFF', '0xff', BODY, '{\n'), null);
      assert.equal(await one('  call(\n    a,\n    b\n  )', 'b\n', 'b,\n', BODY, '{\n'), null);
      assert.equal(await one('  a.map(x => x + 1)', 'x =>', '(x) =>', BODY, '{\n'), null);
      assert.equal(
        await one(
          '  first(a);\n  second(a);',
          '  first(a);\n  second(a);',
          '  // first(a);\n  // second(a);',
          BODY,
          '{\n',
        ),
        null,
      );
    });

    it('are no correction: comments put by the editor, a mark at each line', async () => {
      const id = take('  first(a);\n  second(a);', 'function f(a) {\n\n}\n', '{\n');
      const text = s.text('src/a.ts');
      s.edits('src/a.ts', [
        { start: text.indexOf('second'), length: 0, text: '// ' },
        { start: text.indexOf('first'), length: 0, text: '// ' },
      ]);
      assert.equal(await learned(id), null);
    });

    it('are no correction: the whole file formatted, before and between corrections', async () => {
      const id = take("db.get(id,{ name:'x' })");
      s.whole('src/a.ts', s.text('src/a.ts').replace("(id,{ name:'x' })", '(id, { name: "x" });'));
      assert.equal(await learned(id), null);
      s.replace('src/a.ts', 'get', 'fetchOne');
      s.whole(
        'src/a.ts',
        s.text('src/a.ts').replace('(id, { name: "x" })', '(\n    id,\n    { name: "x" },\n  )'),
      );
      const event = await learned(id);
      assert.deepEqual([event?.signals, event?.weight], [['edited'], 1]);
      assert.match(event?.solution ?? '', /^db\.fetchOne\(\n {4}id,\n {4}\{ name: "x" \},\n {2}\)/);
    });

    it('are no correction: other line ends; and a correction in a file with Windows line ends has the model’s', async () => {
      const id = take('db.get(\n    id,\n  );');
      s.whole('src/a.ts', s.text('src/a.ts').replaceAll('\n', '\r\n'));
      assert.equal(await learned(id), null);
      s.replace('src/a.ts', 'get', 'fetchOne');
      assert.deepEqual(await learned(id), corrected('db.fetchOne(\n    id,\n  );'));
    });

    it('are a correction where they end an error', async () => {
      const id = take('  first(a)\n  second(a)', 'function f(a) {\n\n}\n', '{\n');
      const uri = s.uri('src/a.ts');
      const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 10 } };
      s.capture.diagnostics({
        uri,
        version: 2,
        items: [{ range, message: "';' expected.", severity: 'error', source: 'ts' }],
      });
      s.advance(6_000);
      s.replace('src/a.ts', 'first(a)', 'first(a);');
      s.capture.diagnostics({ uri, version: 3, items: [] });
      assert.ok((await learned(id))?.signals.includes('diagnostic-fixed'));
    });

    it('are a rename and its undoing, at several places or at one', async () => {
      const id = take('db.get(id);');
      s.renameSymbol('src/a.ts', 'get', 'fetchRow');
      s.type('src/a.ts', 'export function find', 'One');
      assert.equal(await learned(id), null);
      s.type('src/a.ts', 'fetchRow(id', ', 1');
      assert.deepEqual(await learned(id), corrected('db.fetchRow(id, 1);'));
    });
  });

  describe('by undo and redo', () => {
    it('are no correction; what stands then counts', async () => {
      const id = take('db.get(id);');
      s.replace('src/a.ts', 'get', 'fetchOne');
      s.because('src/a.ts', s.replace('src/a.ts', 'fetchOne', 'get'), 'undo');
      assert.equal(await learned(id), null);
      s.because('src/a.ts', s.replace('src/a.ts', 'get', 'fetchOne'), 'redo');
      assert.deepEqual(await learned(id), corrected('db.fetchOne(id);'));
    });

    it('of the acceptance teach nothing; what is typed in its place does', async () => {
      const id = take('db.get(id);');
      s.because('src/a.ts', s.replace('src/a.ts', 'db.get(id);', ''), 'undo');
      assert.equal(await learned(id), null);
      s.because(
        'src/a.ts',
        s.edit('src/a.ts', s.text('src/a.ts').indexOf('return ') + 7, 0, 'db.get(id);'),
        'redo',
      );
      assert.equal(await learned(id), null);
      s.because('src/a.ts', s.replace('src/a.ts', 'db.get(id);', ''), 'undo');
      s.type('src/a.ts', 'return ', 'cache.lookUp(id)');
      const event = await learned(id);
      assert.deepEqual([event?.signals, event?.solution], [['typed-otherwise'], 'cache.lookUp(id)']);
    });
  });

  describe('by hand', () => {
    it('are corrections: letters, brackets that the editor closes, a composed word', async () => {
      const id = take('db.get(id);');
      s.replace('src/a.ts', '(id)', '');
      for (const [after, length, text] of [
        ['get', 0, '()'],
        ['get(', 0, 'k'],
        ['get(k', 0, 'e'],
        ['get(ke', 0, 'y'],
        ['get(key', 1, ')'],
      ] as const) {
        const at = s.text('src/a.ts').indexOf(after) + after.length;
        s.edit('src/a.ts', at, length, text);
      }
      assert.deepEqual(await learned(id), corrected('db.get(key);'));
      const word = take("label('sum');", FILE, 'return ', 'src/b.ts');
      const at = s.text('src/b.ts').indexOf('sum');
      for (const [length, text] of [
        [3, ''],
        [0, 'ご'],
        [1, 'ごう'],
        [2, '合計'],
      ] as const)
        s.edit('src/b.ts', at, length, text);
      assert.deepEqual(await learned(word, 'src/b.ts'), corrected("label('合計');"));
    });

    it('are one where an offer was refused, unless what is typed is the offered text', async () => {
      const refuse = async (typed: string, path: string) => {
        s.open(path, FILE);
        const id = s.offer(path, 'return ', 'db.get(id)');
        s.reject(id);
        s.type(path, 'return ', typed);
        return learned(id, path);
      };
      assert.deepEqual(await refuse('cache.lookUp(id)', 'src/other.ts'), {
        signals: ['typed-otherwise'],
        solution: 'cache.lookUp(id)',
        weight: 0.4,
        status: 'ready',
      });
      const place = FILE.slice(0, FILE.indexOf('return ') + 7);
      assert.ok(s.capture.isRejectedHere(place, 'db.get(id)'));
      assert.equal(await refuse('db.get(id);', 'src/same.ts'), null);
      assert.ok(!s.capture.isRejectedHere(place, 'db.get(id)'));
      assert.equal(await refuse('db.get(id).then(show)', 'src/on.ts'), null);
    });

    it('count whole where only a part was accepted, by word and by line', async () => {
      s.open('src/a.ts', FILE);
      const id = s.offer('src/a.ts', 'return ', 'db.get(id)\n    .then(show);');
      s.accept(id, 'db.get(id)'.length);
      s.replace('src/a.ts', 'get', 'fetchOne');
      assert.deepEqual(await learned(id), corrected('db.fetchOne(id)'));
    });

    it('are dropped where several cursors made them', async () => {
      const id = take('db.get(id);');
      const text = s.text('src/a.ts');
      s.edits('src/a.ts', [
        { start: text.indexOf('get'), length: 3, text: 'fetch' },
        { start: text.indexOf('find'), length: 4, text: 'fetch' },
      ]);
      assert.equal(await learned(id), null);
    });
  });

  describe('that nobody typed', () => {
    const edit = async (reason: Reason | undefined, late: boolean, path: string) => {
      const id = take('db.get(id);', FILE, 'return ', path);
      const uri = s.uri(path);
      const version = s.files.get(path)!.version + 1;
      if (reason && !late) s.capture.editReason({ uri, version, reason });
      s.replace(path, 'get', 'fetchOne');
      if (reason && late) s.capture.editReason({ uri, version, reason });
      return id;
    };

    it('teach less, and say so', async () => {
      for (const late of [false, true])
        for (const [reason, weight, note] of [
          [undefined, 1, null],
          ['paste', 0.5, /pasted/],
          ['program', 0.25, /agent/],
        ] as const) {
          const path = `src/${reason}${late}.ts`;
          const id = await edit(reason, late, path);
          assert.deepEqual(await learned(id, path), corrected('db.fetchOne(id);', weight), path);
          const event = await s.event(id);
          if (note) assert.match(event?.reason ?? '', note);
          else assert.equal(event?.reason, null);
        }
    });

    it('teach half where they were also typed at, and nothing where a refactoring made them', async () => {
      const mixed = await edit('program', false, 'src/mixed.ts');
      s.type('src/mixed.ts', 'fetchOne(id', ', 1');
      assert.deepEqual(await learned(mixed, 'src/mixed.ts'), corrected('db.fetchOne(id, 1);', 0.5));
      const refactored = await edit('refactoring', true, 'src/refactored.ts');
      assert.equal(await learned(refactored, 'src/refactored.ts'), null);
    });

    it('weigh less in what is put in place of a refused offer, too', async () => {
      s.open('src/a.ts', FILE);
      const id = s.offer('src/a.ts', 'return ', 'db.get(id);');
      s.reject(id);
      const at = s.text('src/a.ts').indexOf('return ') + 7;
      s.because('src/a.ts', s.edit('src/a.ts', at, 0, 'cache.lookUp(id)'), 'paste');
      const event = await learned(id);
      assert.deepEqual([event?.solution, event?.weight], ['cache.lookUp(id)', 0.2]);
    });
  });
});
