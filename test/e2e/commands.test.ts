import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fixture } from './fixture';

/** What a developer can tell Hindsight, and what shows of it in the panel. */
describe('the commands', function () {
  this.timeout(180_000);
  let fixture: Fixture;

  before(async () => {
    fixture = await Fixture.start(
      'commands',
      {
        // What is offered is not to depend on what the tests before have told.
        settings: { 'hindsight.learning.automatic': false, 'hindsight.completions.recall': false },
      },
      (workspace) => workspace.write('.env', 'A=1\n'),
    );
    await fixture.editor.ready();
  });
  after(() => fixture?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await fixture.editor.screenshot('failed');
  });

  it('Escape refuses a completion', async () => {
    const { editor } = fixture;
    assert.ok(await fixture.offer('items.js', 'loadItem'), 'no ghost text came');
    await editor.press('Escape');
    await editor.noGhost();
    await editor.press('Control+Z');
    await editor.command('Open Feedback Panel');
    await editor.panel.locator('.row .outcome.rejected').first().waitFor();
    await editor.screenshot('rejected');
  });

  it('Comment on Last Completion stores the developer’s words', async () => {
    const { editor } = fixture;
    assert.ok(await fixture.offer('teams.js', 'loadTeam'), 'no ghost text came');
    await editor.press('Tab');
    await editor.save();
    await editor.command('Comment on Last Completion');
    await editor.answer('Comment on Last Completion', 'always through lg');
    const { panel } = editor;
    await panel.locator('.row', { hasText: 'src/teams.js' }).first().click();
    await panel.locator('.feedback', { hasText: 'always through lg' }).waitFor();
    await editor.screenshot('words');
  });

  it('the panel’s list is used by keyboard', async () => {
    const { panel } = fixture.editor;
    const list = panel.getByRole('listbox');
    await list.focus();
    await fixture.editor.press('Home');
    const first = await panel.locator('.row.selected').getAttribute('aria-posinset');
    await fixture.editor.press('ArrowDown');
    const second = await panel.locator('.row.selected').getAttribute('aria-posinset');
    assert.deepEqual([first, second], ['1', '2']);
    assert.equal(await list.getAttribute('aria-activedescendant'), 'row-1');
  });

  it('Run Tests guesses the command, and shows how it ended', async () => {
    const { editor } = fixture;
    await editor.command('Run Tests');
    const screen = await editor.terminalShows(/It (passed|ended)/);
    await editor.screenshot('run-tests');
    assert.match(screen, /tests 24/);
    const failed = editor.page.locator('.statusbar-item', { hasText: /\d+ failed/ });
    await failed.waitFor();
    await failed.click();
    await editor.page.getByText('Hindsight: Failing Tests').waitFor();
    await editor.screenshot('failing-tests');
    await editor.press('Escape');
    // In the same terminal, once more.
    await editor.command('Run Tests Again');
    await editor.page.waitForTimeout(1500);
    await editor.terminalShows(/It (passed|ended)/);
    assert.equal(
      await editor.page.locator('.terminal-tabs-entry').count(),
      0,
      'a second terminal was opened',
    );
    await editor.press('Control+`');
  });

  it('Toggle Completions turns them off and on', async () => {
    const { editor } = fixture;
    await editor.command('Toggle Completions');
    await editor.status.getByText('Hindsight off').waitFor();
    await editor.screenshot('off');
    assert.equal(await fixture.offer('tickets.js', 'loadTicket', 2500), null);
    await editor.command('Toggle Completions');
    await editor.page.waitForTimeout(500);
    assert.ok(
      await fixture.offer('tickets.js', 'saveTicket'),
      'no ghost text came after they were turned on',
    );
  });

  it('says why nothing is offered in a file, and is quiet for as long as it is asked to', async () => {
    const { editor } = fixture;
    const says = (text: string) =>
      editor.page.locator(`[id="hindsight.hindsight.status"] [aria-label*="${text}"]`);
    await editor.openFile('.env');
    await says('Quiet here: files of this kind hold secrets').waitFor();
    await editor.status.click();
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Snooze' }).first().waitFor();
    await editor.screenshot('menu');
    await editor.closeQuickInput();
    await editor.openFile('tickets.js');
    await says('Ready').waitFor();
    await editor.command('Snooze Completions');
    await editor.page.getByRole('option', { name: '5 minutes', exact: true }).click();
    await says('Snoozed').waitFor();
    await editor.screenshot('snoozed');
    assert.equal(await fixture.offer('tickets.js', 'renameTicket', 2500), null);
    await editor.press('Control+Z');
    await editor.save();
    await editor.status.click();
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: 'End Snooze' }).click();
    await says('Ready').waitFor();
  });

  it('Pause Learning gives way to Resume Learning', async () => {
    const { editor } = fixture;
    const said = (text: string) => editor.page.locator('.part.statusbar', { hasText: text }).waitFor();
    await editor.command('Pause Learning');
    await said('learning is paused');
    await editor.command('Resume Learning');
    await said('learning goes on');
    await editor.page.waitForTimeout(1000);
    const titles = (await (await editor.palette('Hindsight: Pause')).allInnerTexts()).join('\n');
    await editor.closeQuickInput();
    assert.match(titles, /Pause Learning/);
  });

  it('Restart Server brings the server back, with what was stored', async () => {
    const { editor } = fixture;
    await editor.command('Restart Server');
    await editor.page.waitForTimeout(1000);
    await editor.ready();
    await editor.command('Open Feedback Panel');
    await editor.panel.locator('.row', { hasText: 'src/teams.js' }).first().waitFor();
    await editor.panel.locator('.trouble').waitFor({ state: 'hidden' });
  });

  it('the server comes back by itself after it was killed', async () => {
    const { editor, server } = fixture;
    const killed = server.killLanguageServer();
    assert.equal(killed.length, 1, `language servers: ${killed}`);
    await editor.page.waitForTimeout(3000);
    await editor.ready();
    assert.ok(await fixture.offer('orders.js', 'loadOrder'), 'no ghost text came');
    assert.notDeepEqual(server.languageServers(), killed);
    await editor.screenshot('after-kill');
    // What was asked while it was away is no trouble of the developer's.
    assert.equal(await editor.notification('failed').count(), 0);
  });

  it('Export My Data writes what is stored', async () => {
    const { editor, workspace } = fixture;
    await editor.command('Export My Data');
    await editor.answer('Export My Data');
    await editor.notification('The file holds code of').waitFor();
    const exported = readFileSync(join(workspace.home, 'hindsight.jsonl'), 'utf8');
    assert.match(exported, /always through lg/);
    for (const line of exported.trim().split('\n')) JSON.parse(line);
  });

  it('deletes an event from the panel, after asking', async () => {
    const { editor } = fixture;
    const { panel, page } = editor;
    await editor.command('Open Feedback Panel');
    const row = panel.locator('.row', { hasText: 'src/teams.js' });
    await row.first().click();
    await panel.locator('h2', { hasText: 'src/teams.js' }).waitFor();
    await panel.getByRole('button', { name: 'Delete this event' }).click();
    await page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete', exact: true }).click();
    await row.first().waitFor({ state: 'detached' });
    await editor.screenshot('deleted');
  });

  it('Delete My Data leaves nothing', async () => {
    const { editor } = fixture;
    await editor.command('Delete My Data');
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Everything' }).click();
    await editor.page
      .locator('.monaco-dialog-box')
      .getByRole('button', { name: 'Delete', exact: true })
      .click();
    await editor.panel.getByText('Nothing stored yet').waitFor();
  });
});
