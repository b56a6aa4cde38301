import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { confinement } from '../../server/fixing/confinement';
import { Fixture } from './fixture';

const CODE = `/** The sum of the prices of all items. */
export function total(items) {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return 0;
}
`;
const TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total } from '../src/cart.js';

test('prices are added', () => {
  assert.equal(total([{ price: 2 }, { price: 3 }]), 5);
});
`;

/** A test fails in the terminal; a lens above it starts the search, and what passes is taken or left. */
describe('make this test pass', function () {
  this.timeout(240_000);
  let fixture: Fixture;

  before(async () => {
    fixture = await Fixture.start(
      'fix-test',
      { settings: { 'hindsight.learning.automatic': false, 'hindsight.tests.fixSeconds': 60 } },
      (workspace) => {
        workspace.write('src/cart.js', CODE);
        workspace.write('test/cart.test.js', TEST);
        workspace.write('test/never.test.js', TEST.replace(', 5)', ", 'a word')").replace('prices', 'words'));
      },
    );
    await fixture.editor.ready();
  });
  after(() => fixture?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await fixture.editor.screenshot('failed');
  });

  /** The search for the selected line `return 0;`, from the palette. */
  async function search(): Promise<void> {
    const { editor } = fixture;
    await editor.openFile('cart.js');
    await editor.goTo(7, 1);
    await editor.press('Shift+End');
    await editor.command('Make This Test Pass');
  }

  const toast = (text: RegExp) =>
    fixture.editor.page.locator('.notifications-toasts .notification-toast', { hasText: text }).first();

  it('shows a lens above the failing test, and the change that passes', async () => {
    const { editor, workspace } = fixture;
    await editor.openTerminal();
    await editor.run('node --test test/cart.test.js', /actual: 0,/);
    await editor.openFile('cart.test.js');
    await editor.page.locator('.codelens-decoration', { hasText: 'Make This Test Pass' }).first().waitFor();
    await editor.screenshot('lens');
    await search();
    await toast(/Found at attempt \d+/).waitFor({ timeout: 90_000 });
    await editor.screenshot('found');
    assert.ok(workspace.read('src/cart.js').includes('return 0;'));
    await toast(/Found at attempt/)
      .getByRole('button', { name: 'Take' })
      .click();
    await workspace.holds('src/cart.js', 'return sum;');
    await editor.command('Open Feedback Panel');
    await editor.panel.locator('.row', { hasText: 'src/cart.js' }).first().waitFor();
    await editor.screenshot('taken');
  });

  it('says what still fails where nothing passes, and changes nothing', async () => {
    const { editor, workspace } = fixture;
    const before = workspace.read('src/cart.js');
    await editor.run('node --test test/never.test.js', /expected: 'a word'/);
    await editor.openFile('cart.js');
    await editor.goTo(7, 1);
    await editor.press('Shift+End');
    await editor.command('Make This Test Pass');
    // The other command has not been run again: both fail, as far as is known.
    const list = editor.page.locator('.quick-input-list .monaco-list-row', { hasText: 'words are added' });
    await list
      .or(toast(/searches/))
      .first()
      .waitFor();
    if (await list.count()) await list.first().click();
    await toast(/Not found/).waitFor({ timeout: 120_000 });
    await editor.screenshot('not-found');
    assert.equal(workspace.read('src/cart.js'), before);
  });
});

/** What it does besides failing, when it runs in a search. */
const HOSTILE = `import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { total } from '../src/cart.js';

const [mode, outside] = readFileSync(new URL('../mode.txt', import.meta.url), 'utf8').trim().split(' ');
if (process.env.HINDSIGHT_FIX_RUN) {
  if (mode === 'hangs') await new Promise(() => setInterval(() => undefined, 1000));
  if (mode === 'floods') for (;;) console.log('x'.repeat(10_000));
  if (mode === 'kills') process.kill(process.ppid, 'SIGKILL');
  if (mode === 'writes') writeFileSync(outside, 'written');
}
test('prices are words', () => assert.equal(total([{ price: 2 }]), 'a word'));
`;

/** Commands that a search must survive; nothing of them stays behind. */
describe('make this test pass, where the command is hostile', function () {
  this.timeout(180_000);
  let fixture: Fixture;

  before(async () => {
    fixture = await Fixture.start(
      'fix-hostile',
      { settings: { 'hindsight.learning.automatic': false, 'hindsight.tests.fixSeconds': 16 } },
      (workspace) => {
        workspace.write('src/cart.js', CODE);
        workspace.write('test/hostile.test.js', HOSTILE);
        workspace.write('mode.txt', 'none');
      },
    );
    await fixture.editor.ready();
    await fixture.editor.openTerminal();
    await fixture.editor.run('node test/hostile.test.js', /expected: 'a word'/);
  });
  after(() => fixture?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await fixture.editor.screenshot('failed');
  });

  for (const [mode, says] of [
    ['hangs', /did not end within 4 s/],
    // Whichever comes first.
    ['floods', /printed more than 32 MB|did not end within 4 s/],
    ['kills', null],
    ['writes', null],
  ] as const)
    it(`it ${mode}: the search ends, and nothing stays behind`, async () => {
      const { editor, workspace } = fixture;
      // The project itself: its copy is what may be written to.
      const outside = join(workspace.folder, 'outside.txt');
      workspace.write('mode.txt', `${mode} ${outside}`);
      await editor.openFile('cart.js');
      await editor.goTo(7, 1);
      await editor.press('Shift+End');
      await editor.command('Make This Test Pass');
      await editor.notification('Not found').first().waitFor({ timeout: 90_000 });
      if (says) await editor.notification('The command').filter({ hasText: says }).first().waitFor();
      await editor.screenshot(mode);
      assert.equal(workspace.read('src/cart.js'), CODE);
      assert.deepEqual(
        // Of this workspace: other searches may be under way on the machine.
        readdirSync(tmpdir()).filter(
          (name) => name.startsWith('hindsight-fix-') && existsSync(join(tmpdir(), name, 'sample')),
        ),
        [],
      );
      if (mode === 'writes' && confinement().tool !== null) {
        assert.equal(existsSync(outside), false);
        await editor.notification('outside of its copy').first().waitFor();
      }
      if (mode === 'writes' && confinement().tool === null)
        await editor.notification('nothing to keep the command').first().waitFor();
      await editor.clearNotifications();
    });
});
