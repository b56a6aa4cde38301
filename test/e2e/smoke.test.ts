import assert from 'node:assert/strict';
import { Fixture } from './fixture';

/** The extension comes up in a stock editor, and its doors open. */
describe('in a real VS Code', function () {
  this.timeout(180_000);
  let fixture: Fixture;

  before(async () => {
    fixture = await Fixture.start('smoke');
  });
  after(() => fixture?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await fixture.editor.screenshot('failed');
  });

  it('activates and shows its status bar item', async () => {
    await fixture.editor.ready();
    await fixture.editor.screenshot('started');
    assert.match((await fixture.editor.status.textContent()) ?? '', /Hindsight/);
  });

  it('offers its commands in the palette, and hides the internal ones', async () => {
    const { editor } = fixture;
    // The list shows as many rows as fit: each command is asked for.
    const found = async (title: string) => {
      const rows = await editor.palette(`Hindsight: ${title}`);
      const titles = (await rows.allInnerTexts()).join('\n');
      await editor.closeQuickInput();
      return titles;
    };
    for (const title of [
      'Train Now',
      'Choose Model',
      'Open Feedback Panel',
      'Roll Back',
      'Pause Learning',
      'Toggle Completions',
      'Snooze Completions',
      'Show Log',
      'Run Tests',
    ]) {
      const titles = await found(title);
      assert.ok(titles.includes(`Hindsight: ${title}`), `${title} is not among\n${titles}`);
    }
    await editor.screenshot('palette');
    assert.ok(!(await found('Completion Accepted')).includes('Completion Accepted'));
    assert.ok(!(await found('Resume Learning')).includes('Resume Learning'));
  });

  it('opens the feedback panel, which says what to do while it is empty', async () => {
    await fixture.editor.command('Open Feedback Panel');
    const { panel } = fixture.editor;
    await panel.getByRole('tab', { name: 'Events' }).waitFor();
    await panel.getByText('Nothing stored yet').waitFor();
    await fixture.editor.screenshot('panel-empty');
    await panel.getByRole('tab', { name: 'Rounds' }).click();
    await panel.getByText('No round yet').waitFor();
    await panel.getByRole('tab', { name: 'Over time' }).click();
    await panel.getByText('Nothing shown yet').waitFor();
  });

  it('says so when there is nothing to learn from', async () => {
    await fixture.editor.command('Train Now');
    const toast = fixture.editor.notification('Hindsight:').filter({ hasNotText: 'learning:' });
    await toast.first().waitFor();
    await fixture.editor.screenshot('nothing-to-learn');
    await fixture.editor.clearNotifications();
  });

  it('follows the editor’s theme, high contrast too', async () => {
    const { editor } = fixture;
    const background = () =>
      editor.panel.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
    const seen = new Set([await background()]);
    for (const theme of ['Light Modern', 'Dark High Contrast']) {
      await editor.theme(theme);
      await editor.page.waitForTimeout(1500);
      seen.add(await background());
      await editor.screenshot(theme.replaceAll(' ', '-').toLowerCase());
    }
    assert.equal(seen.size, 3, `backgrounds: ${[...seen].join(', ')}`);
  });
});
