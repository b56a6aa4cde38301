import assert from 'node:assert/strict';
import { objections } from './accessible';
import { CORRECTED, ELSEWHERE, right } from './convention';
import { Fixture } from './fixture';

/** The main job: what a developer does with completions changes the next ones, and can be undone. */
describe('learning from a developer', function () {
  this.timeout(240_000);
  let fixture: Fixture;
  /** Each step builds on the one before. (Mocha's own bail also looks at other suites' failures.) */
  let broken = false;

  before(async () => {
    fixture = await Fixture.start('learning', {
      settings: {
        // What changes below is to come from training alone.
        'hindsight.completions.recall': false,
        'hindsight.learning.automatic': false,
        // Setting up and judging take a few seconds more: a minute in all.
        'hindsight.learning.maxSeconds': 45,
      },
    });
  });
  after(() => fixture?.stop());
  beforeEach(function () {
    if (broken) this.skip();
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    broken = true;
    await fixture.editor.screenshot('failed');
  });

  const offer = ([file, name]: [string, string]) => fixture.offer(file, name);

  /** Leaves the ghost text without refusing it, and takes the new line back. */
  async function leave(): Promise<void> {
    await fixture.editor.press('ArrowUp', 'Control+Z');
    await fixture.editor.save();
  }

  it('shows ghost text, which does not know the project’s convention', async () => {
    await fixture.editor.ready();
    const first = await offer(ELSEWHERE);
    await fixture.editor.screenshot('ghost-before');
    assert.ok(first, 'no ghost text came');
    assert.notEqual(first, right(ELSEWHERE[1]));
    await leave();
  });

  it('takes a completion with Tab, and the project’s tests fail on it', async () => {
    const { editor } = fixture;
    const offered = await offer(CORRECTED[0]!);
    assert.ok(offered, 'no ghost text came');
    await editor.press('Tab');
    await editor.save();
    await fixture.workspace.holds('src/users.js', offered.trim());
    await editor.openTerminal();
    // The summary, or where a stack trace has scrolled it away the failure itself.
    await editor.run('npm test', /(#|ℹ) fail [1-9]|✖ loadUser reports through lg/);
    await editor.page.waitForTimeout(1000);
    await editor.screenshot('test-failed');
  });

  it('stores the corrections that the developer makes', async () => {
    const { editor } = fixture;
    await editor.press('Control+`');
    for (const [index, place] of CORRECTED.entries()) {
      if (index > 0 && (await offer(place))) await editor.press('Tab');
      else if (index === 0) await editor.focusEditor();
      if (index === 0) await editor.goTo(7);
      await editor.replaceLine(right(place[1]));
      await editor.save();
      await fixture.workspace.holds(`src/${place[0]}`, right(place[1]));
    }
    await editor.screenshot('corrected');
    await editor.press('Control+`');
    await editor.run('npm test', /fail 0/);
    await editor.press('Control+`');
  });

  it('trains in at most a minute', async () => {
    const { editor } = fixture;
    // Corrections count once they have stood for settleSeconds, five in the sample.
    await editor.page.waitForTimeout(7000);
    const started = Date.now();
    await editor.command('Train Now');
    await editor.page.waitForTimeout(3000);
    await editor.screenshot('training');
    const done = editor.notification('Open Panel');
    await done.waitFor({ timeout: 120_000 });
    const seconds = (Date.now() - started) / 1000;
    await editor.screenshot('trained');
    const sentence = (await done.textContent()) ?? '';
    assert.match(sentence, /Roll Back/, `the new adapter is not in use: ${sentence}`);
    assert.match(sentence, /Learned from \d corrections: .*`lg\.emit\(/, sentence);
    assert.match(sentence, /Try it in src\/(?:items|invoices|teams|tickets)\.js/, sentence);
    console.log(`        trained in ${seconds.toFixed(0)} s`);
    assert.ok(seconds < 75, `${seconds} s`);
  });

  it('offers the convention at a place that was not corrected', async () => {
    const after = await offer(ELSEWHERE);
    await fixture.editor.screenshot('ghost-after');
    assert.equal(after?.trim(), right(ELSEWHERE[1]));
    await leave();
    const { editor } = fixture;
    await editor.clearNotifications();
    await editor.command('Why This?');
    const why = editor.notification('your rule');
    await why.waitFor({ timeout: 30_000 });
    await editor.screenshot('why-this');
    assert.match((await why.textContent()) ?? '', /lg\.emit\(Level\.Warn, '\$x', \{ \$y \}\)/);
  });

  it('tells the whole story in the panel', async () => {
    const { editor } = fixture;
    await editor.clearNotifications();
    await editor.command('Open Feedback Panel');
    const { panel } = editor;
    await panel.locator('.row').first().waitFor();
    await panel.getByLabel('Filter by status').selectOption({ label: 'learned' });
    await panel.locator('.token').first().waitFor();
    await editor.screenshot('panel-event');
    await panel.locator('.token-detail').scrollIntoViewIfNeeded();
    await panel.locator('.token').first().focus();
    await editor.press('ArrowRight');
    await editor.screenshot('panel-heat-strip');
    const tokens = await panel.locator('.token').allInnerTexts();
    assert.ok(tokens.length > 2);
    assert.ok((await panel.locator('.token.up, .token.down').count()) > 0, 'no token has an advantage');
    await panel.locator('ins', { hasText: 'lg' }).first().waitFor();
    await panel.getByLabel('Filter by signal').selectOption({ label: 'test failed' });
    await panel.locator('.row', { hasText: 'src/users.js:7' }).first().waitFor();
    await panel.locator('.output', { hasText: 'loadUser reports through lg' }).first().waitFor();
    await panel
      .locator('ins', { hasText: right('loadUser') })
      .first()
      .waitFor();
    await editor.screenshot('panel-test-failed');
    await panel.getByRole('button', { name: 'Why This?' }).click();
    await panel.getByText('The base model').waitFor({ timeout: 30_000 });
    await panel.getByRole('tab', { name: 'Rules' }).click();
    await panel.locator('.rule', { hasText: '6 corrections' }).first().waitFor();
    await panel.getByRole('button', { name: 'Say It in a Sentence' }).first().click();
    await panel.getByLabel('The rule in a sentence').fill('Warnings go through lg.');
    await editor.press('Enter');
    await panel.locator('.rule', { hasText: 'Warnings go through lg.' }).first().waitFor();
    assert.deepEqual(await objections(editor), []);
    await editor.screenshot('panel-rules');
    await panel.getByRole('tab', { name: 'Rounds' }).click();
    await panel.locator('.round p', { hasText: 'Learned from' }).first().waitFor();
    await panel.locator('.round summary', { hasText: 'Details' }).first().click();
    await panel.locator('.round .chart canvas').first().waitFor();
    await editor.screenshot('panel-rounds');
    await panel.getByRole('tab', { name: 'Over time' }).click();
    await panel.locator('.chart canvas').first().waitFor();
    await editor.screenshot('panel-over-time');
  });

  it('rolls back to the base model', async () => {
    const { editor } = fixture;
    await editor.command('Roll Back');
    await editor.notification('Hindsight:').waitFor();
    await editor.screenshot('rolled-back');
    await editor.clearNotifications();
    const again = await offer(ELSEWHERE);
    await editor.screenshot('ghost-rolled-back');
    // Not letter for letter what it was: the developer's edits since then are in the prompt now.
    assert.ok(again, 'no ghost text came');
    assert.notEqual(again.trim(), right(ELSEWHERE[1]));
    assert.doesNotMatch(again, /lg\.emit/);
    await leave();
    await editor.command('Open Feedback Panel');
    await editor.panel.getByRole('tab', { name: 'Events' }).click();
    for (const filter of ['signal', 'status'])
      await editor.panel.getByLabel(`Filter by ${filter}`).selectOption({ label: `any ${filter}` });
    await editor.panel.locator('.row', { hasText: 'src/items.js' }).first().click();
    await editor.panel.locator('.story header', { hasText: 'base model' }).waitFor();
    await editor.screenshot('panel-rolled-back');
  });
});
