/** What edits of an accepted text teach, and which teach nothing: the table of docs/capture.md, played in a scripted editor. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../root';
import { Session } from '../session';

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
const FILE = 'export function find(id: string) {\n  return \n}\n';

describe('edits of an accepted text', () => {
  let s: Session;
  beforeEach(async () => {
    s = await Session.start();
  });
  afterEach(async () => {
    assert.deepEqual(s.messages, []);
    await s.end();
  });

  /** Saves, lets all settle and counts what was kept; answers what is learned: null, or its signals and text. */
  async function learned(id: string, path = 'src/a.ts') {
    if (s.files.has(path)) s.save(path);
    s.advance(61_000);
    const early = await s.event(id);
    s.advance(640_000);
    const event = await s.event(id);
    assert.deepEqual(event?.solution ?? null, early?.solution ?? event?.solution ?? null);
    if (!event || event.status === 'dropped' || event.signals.join() === 'kept') return null;
    return { signals: event.signals, solution: event.solution, weight: event.weight, status: event.status };
  }

  /** Accepts `text` behind `after` and saves. */
  function take(text: string, before = FILE, after = 'return ', path = 'src/a.ts', language = 'typescript') {
    s.open(path, before, language);
    const id = s.take(path, after, text);
    s.save(path);
    s.advance(5_000);
    return id;
  }

  const corrected = (solution: string, weight = 1) => ({
    signals: ['edited'],
    solution,
    weight,
    status: 'ready',
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
});
