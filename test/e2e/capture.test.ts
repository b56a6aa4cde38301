import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { objections } from './accessible';
import { Fixture } from './fixture';

const TASKS = {
  version: '2.0.0',
  tasks: [{ label: 'check', type: 'shell', command: 'npm test', problemMatcher: [] }],
};
const report = (failure: string) =>
  `<testsuites time="0.1"><testsuite name="users"><testcase classname="users" name="loads">${failure}</testcase></testsuite></testsuites>\n`;

/** Every signal of a developer at work, from the editor to the panel. */
describe('what a developer does is noticed', function () {
  this.timeout(180_000);
  let fixture: Fixture;

  before(async () => {
    fixture = await Fixture.start(
      'capture',
      { settings: { 'hindsight.learning.automatic': false, 'hindsight.completions.recall': false } },
      (workspace) => workspace.write('.vscode/tasks.json', JSON.stringify(TASKS)),
    );
    await fixture.editor.ready();
  });
  after(() => fixture?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await fixture.editor.screenshot('failed');
  });

  /** Waits, in the panel, until a completion in this file carries this; its row. */
  async function shows(file: string, what: string): Promise<Locator> {
    const { editor } = fixture;
    await editor.command('Open Feedback Panel');
    const rows = editor.panel.locator('.row', { hasText: `src/${file}` });
    const row = rows.filter({ has: editor.panel.locator(what) }).first();
    await row.waitFor();
    return row;
  }

  /** Offers at the places of a file, one after the other, until the model has something to say; its text and line from 1. */
  async function offer(file: string): Promise<{ text: string; line: number }> {
    const { editor, workspace } = fixture;
    const lines = workspace.read(`src/${file}`).split('\n');
    for (const verb of ['load', 'save', 'rename', 'remove']) {
      const at = lines.findIndex((line) => line.includes(`function ${verb}`));
      const name = /function (\w+)/.exec(lines[at]!)![1]!;
      const free = lines[at + 2]!.includes('return null');
      const text = free ? await fixture.offer(file, name, 4_000) : null;
      if (text) return { text, line: at + 3 };
      if (free) await editor.press('Control+Z');
    }
    throw new Error(`No ghost text came anywhere in ${file}.`);
  }

  /** Accepts a completion and saves. */
  async function take(file: string): Promise<{ text: string; line: number }> {
    const offered = await offer(file);
    await fixture.editor.press('Tab');
    await fixture.editor.save();
    await fixture.workspace.holds(`src/${file}`, offered.text.trim());
    return offered;
  }

  it('a completion taken by the word, and the rest refused', async () => {
    const { editor } = fixture;
    const { text, line } = await offer('items.js');
    await editor.press('Control+ArrowRight');
    await editor.page
      .locator('.view-line', { hasText: /\w+/.exec(text)![0] })
      .first()
      .waitFor();
    await editor.press('Escape');
    await editor.noGhost();
    await shows('items.js', '.outcome.accepted-partially');
    await editor.openFile('items.js');
    await editor.goTo(line);
    await editor.replaceLine('// left');
    await editor.save();
  });

  it('a completion typed through, brackets closed by the editor too', async () => {
    const { editor } = fixture;
    const { text } = await offer('teams.js');
    await editor.type(text);
    await editor.save();
    await fixture.workspace.holds('src/teams.js', text);
    await shows('teams.js', '.outcome.typed-through');
  });

  it('a failing test in a task', async () => {
    const { editor } = fixture;
    await take('orders.js');
    const rows = await editor.palette('Tasks: Run Task');
    await rows.filter({ hasText: 'Tasks: Run Task' }).first().click();
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: 'check' }).first().click();
    await editor.terminalShows(/exit code: 1/);
    await editor.press('Control+j');
    await (await shows('orders.js', '.badge.test-failed')).click();
    await editor.panel
      .locator('.output', { hasText: /(load|save|rename|remove)Order/ })
      .first()
      .waitFor();
    await editor.screenshot('task');
  });

  it('an error on the accepted text that stays, and the edit that clears it', async () => {
    const { editor } = fixture;
    const { line } = await take('tickets.js');
    await editor.goTo(line - 1);
    await editor.type(' (');
    // The bracket that the editor closed goes: what was accepted is to stand in it.
    await editor.press('Delete');
    await editor.save();
    await shows('tickets.js', '.badge.diagnostic');
    await editor.openFile('tickets.js');
    await editor.goTo(line);
    await editor.replaceLine('id);');
    await editor.save();
    await shows('tickets.js', '.badge.diagnostic-fixed');
    await editor.screenshot('diagnostic');
  });

  it('words by a code action on the accepted text, and thumbs in the panel', async () => {
    const { editor } = fixture;
    await take('teams.js');
    await editor.press('Control+.');
    await editor.page.locator('.action-widget').getByText('Comment on this completion').click();
    await editor.answer('Comment on This Completion', 'through the team log');
    await (await shows('teams.js', '.badge.words')).click();
    const { panel } = editor;
    await panel.locator('.feedback', { hasText: 'through the team log' }).waitFor();
    await panel.getByRole('button', { name: 'This was not good' }).click();
    await panel.locator('.feedback', { hasText: 'thumb down' }).waitFor();
    await editor.screenshot('words');
  });

  it('words said while the server hangs, and it is killed before it has read them', async () => {
    const { editor, server } = fixture;
    await take('users.js');
    await shows('users.js', '.outcome.accepted');
    const hanging = server.languageServers();
    for (const pid of hanging) process.kill(pid, 'SIGSTOP');
    try {
      await editor.command('Comment on Last Completion');
      await editor.answer('Comment on Last Completion', 'said to a hanging server');
      await editor.page.locator('.part.statusbar', { hasText: 'your words were stored' }).waitFor();
    } finally {
      assert.deepEqual(server.killLanguageServer(), hanging);
    }
    await editor.panel.locator('.row', { hasText: 'src/users.js' }).locator('.badge.words').first().waitFor();
    assert.notDeepEqual(server.languageServers(), hanging);
  });

  it('a JUnit report that another program writes, on what was accepted before the server was killed', async () => {
    const { editor, workspace } = fixture;
    const { line } = await take('users.js');
    const stack = `TypeError: no user\n    at saveUser (${workspace.folder}/src/users.js:${line}:5)`;
    workspace.write('reports/junit.xml', report(`<failure message="no user">${stack}</failure>`));
    await shows('users.js', '.badge.test-failed');
    await editor.openFile('users.js');
    await editor.goTo(line);
    await editor.replaceLine("lg.emit(Level.Warn, 'saveUser', { id });");
    await editor.save();
    workspace.write('reports/junit.xml', report(''));
    await shows('users.js', '.badge.test-fixed');
    await editor.screenshot('report');
  });

  it('no correction in what a formatter changes on save', async () => {
    const { editor, workspace } = fixture;
    const settings = JSON.parse(workspace.read('.vscode/settings.json'));
    settings['[javascript]'] = { 'editor.formatOnSave': true };
    settings['javascript.format.semicolons'] = 'remove';
    workspace.write('.vscode/settings.json', JSON.stringify(settings));
    const offered = await offer('invoices.js');
    await editor.press('Tab');
    // The file on disk tells when the editor has taken the settings in, and what the formatter did.
    for (let tries = 1; ; tries++) {
      await editor.type(' ');
      await editor.save();
      if (!workspace.read('src/invoices.js').includes(';')) break;
      assert.ok(tries < 10, 'nothing was formatted');
      await editor.page.waitForTimeout(500);
    }
    await workspace.holds('src/invoices.js', offered.text.trim().replaceAll(';', ''));
    const row = await shows('invoices.js', '.outcome.accepted');
    await row.click();
    await editor.panel.locator('.timeline', { hasText: 'at save' }).waitFor();
    assert.equal(await row.locator('.badge.edited').count(), 0);
  });

  it('a panel that axe finds accessible, dark, light and in high contrast', async () => {
    const { editor } = fixture;
    const found: string[] = [];
    for (const theme of ['', 'Light Modern', 'Dark High Contrast']) {
      if (theme) await editor.theme(theme);
      for (const name of ['Events', 'Rules', 'Rounds', 'Over time']) {
        await editor.panel.getByRole('tab', { name }).click();
        await editor.panel.locator('.row, .rule, .notice, canvas').first().waitFor();
        if (name === 'Rules')
          await editor.screenshot(`rules-${theme.replaceAll(' ', '-').toLowerCase() || 'dark'}`);
        found.push(...(await objections(editor)).map((each) => `${theme || 'dark'}, ${name}: ${each}`));
      }
      await editor.screenshot(`accessible-${theme.replaceAll(' ', '-').toLowerCase() || 'dark'}`);
    }
    assert.deepEqual(found, []);
  });
});
