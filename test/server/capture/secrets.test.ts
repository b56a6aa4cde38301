import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeWindow } from '../../../server/completion/window';
import { completion } from '../store/records';
import { caseText, leakCases } from '../workspace/secret-cases';
import { Session } from './session';

const FILE = `export function find(id) {\n  return \n}\n`;

describe('what capture cuts', function () {
  this.timeout(60_000);
  let s: Session;
  beforeEach(async () => {
    s = await Session.start();
  });
  afterEach(() => s.end());

  /** Every byte of the database's files. */
  async function stored(): Promise<string> {
    await s.capture.settleNow();
    const folder = dirname(s.store.path);
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(folder, entry.name), 'utf8'))
      .join('');
  }

  /** Offers at the end of a document what a prompt's window of it shows. */
  function offerAt(path: string, text: string, offset: number): string {
    s.open(path, text);
    const before = text.slice(0, offset).split('\n');
    const id = `w-${path}`;
    s.capture.addCompletion(
      completion(id, {
        uri: s.uri(path),
        path,
        line: before.length - 1,
        character: before.at(-1)!.length,
        ...codeWindow(text, offset),
        text: 'db.get(id);',
      }),
    );
    return id;
  }

  it('is no prompt whose window begins inside a key', async () => {
    const text = caseText('key-begins-before-the-window.ts');
    const id = offerAt('src/key.ts', text, text.indexOf('return ') + 7);
    await s.capture.flush();
    assert.equal(await s.store.completions.get(id), null);
    // Nothing of the key but base64 in sight, and then nothing of a key at all.
    const lines = text.split('\n');
    const middle = offerAt('src/middle.ts', text, lines.slice(0, 30).join('\n').length);
    await s.capture.flush();
    assert.equal(await s.store.completions.get(middle), null);
    const below = offerAt('src/below.ts', `${text}\n${'// code\n'.repeat(600)}return `, text.length + 4_808);
    await s.capture.flush();
    assert.notEqual(await s.store.completions.get(below), null);
    assert.ok(!(await stored()).includes(lines[40]!));
  });

  it('is no window that ends within a value, or begins within one', async () => {
    const value = ['k3Qz8Rt5Wv2Xn7', 'Yb4Hc6Jd9Lf1Mg3'].join('');
    const name = `const apiToken = "`;
    // A name above the window's first line; the value on it.
    const text = `${name}\\\n${value} ${'x'.repeat(20)}";\n${'// filler of some length\n'.repeat(100)}return `;
    const id = 'c-edge';
    s.open('src/edge.ts', text);
    const start = text.indexOf(value) + 5;
    s.capture.addCompletion(
      completion(id, {
        uri: s.uri('src/edge.ts'),
        path: 'src/edge.ts',
        line: text.split('\n').length - 1,
        character: 7,
        prefix: text.slice(start),
        suffix: '',
        text: 'db.get(id);',
      }),
    );
    await s.capture.flush();
    assert.equal(await s.store.completions.get(id), null);
  });

  it('is no diagnostic that ends within a token', async () => {
    const message = caseText('cut-diagnostic-at-500.json');
    const token = message.slice(message.lastIndexOf('gh'));
    s.open('src/a.ts', FILE);
    s.take('src/a.ts', 'return ', 'db.get(id); // marker of what is stored');
    s.save('src/a.ts');
    for (let shift = 0; shift < 45; shift += 5) {
      const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 15 } };
      const item = { range, message: message.slice(shift), severity: 'error' as const, source: 'ts' };
      s.capture.diagnostics({ uri: s.uri('src/a.ts'), version: 2, items: [item] });
      s.advance(6_000);
      s.capture.diagnostics({ uri: s.uri('src/a.ts'), version: 2, items: [] });
      s.advance(1_000);
    }
    const bytes = await stored();
    assert.ok(bytes.includes('Type mismatch: ab ab') || bytes.includes('ab ab ab'));
    assert.ok(!bytes.includes(token.slice(4, 20)), 'a fragment lies in the database');
  });

  it('is no line of a test’s output that ends within a token', async () => {
    const output = caseText('cut-line-before-redaction.txt');
    const token = /github_pat_\w+/.exec(output)![0];
    s.open('src/a.ts', `\n\n${FILE}`);
    const id = s.take('src/a.ts', 'return ', 'db.get(id); // marker of what is stored');
    s.save('src/a.ts');
    await s.run('Tests:       1 passed, 1 total\n', 0);
    s.advance(1_000);
    await s.run(output, 1, 'npx jest');
    const story = await s.story(id);
    assert.ok(story!.signals.includes('test-failed'), JSON.stringify(story));
    const bytes = await stored();
    assert.ok(bytes.includes('the server refused the request'));
    for (const from of [11, 30, 50]) {
      assert.ok(!bytes.includes(token.slice(from, from + 12)), 'a fragment lies in the database');
    }
  });

  it('is no kept text that completes a value begun before it', async () => {
    const value = ['Gr4pe', 'Xyef84'].join('-');
    s.open('src/a.ts', `const password = "\n`);
    const id = s.take('src/a.ts', 'password = "', 'changeme";');
    s.replace('src/a.ts', 'changeme', value);
    s.save('src/a.ts');
    s.advance(61_000);
    assert.match((await s.event(id))?.reason ?? '', /secret/);
    assert.ok(!(await stored()).includes(value));
  });

  it('is none of the formats, whatever brings them', async () => {
    s.open('src/a.ts', FILE);
    const id = s.take('src/a.ts', 'return ', 'db.get(id); // marker of what is stored');
    s.save('src/a.ts');
    const cases = leakCases();
    for (const { text } of cases) {
      s.capture.feedback({ completionId: id, text, thumbs: 0, at: s.clock.now() });
      offerAt(
        `src/${cases.indexOf(cases.find((one) => one.text === text)!)}.ts`,
        `${text}\nreturn `,
        text.length + 8,
      );
    }
    const bytes = await stored();
    assert.ok(bytes.includes('marker of what is stored'));
    const leaked = cases.filter(({ mustNotRemain }) => bytes.includes(mustNotRemain));
    assert.deepEqual(
      leaked.map(({ name }) => name),
      [],
    );
  });
});
