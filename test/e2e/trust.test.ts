import assert from 'node:assert/strict';
import { Fixture } from './fixture';

/** In a workspace that is not trusted completions work, and nothing is stored, learned or run. */
describe('in Restricted Mode', function () {
  this.timeout(180_000);
  let fixture: Fixture;

  before(async () => {
    fixture = await Fixture.start('trust', {
      workspaceTrust: true,
      settings: {
        'security.workspace.trust.startupPrompt': 'never',
        'security.workspace.trust.banner': 'never',
      },
    });
    await fixture.editor.ready();
  });
  after(() => fixture?.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await fixture.editor.screenshot('failed');
  });

  it('offers completions and stores none of them', async () => {
    const { editor } = fixture;
    await editor.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    assert.ok(await fixture.offer('items.js', 'loadItem'), 'no ghost text came');
    await editor.press('Tab');
    await editor.save();
    await editor.command('Open Feedback Panel');
    await editor.panel.getByText('Nothing stored yet').waitFor();
    await editor.panel.getByText('This workspace is not trusted').waitFor();
    await editor.screenshot('nothing-stored');
  });

  it('does not train, and says why', async () => {
    const { editor } = fixture;
    await editor.command('Train Now');
    await editor
      .notification(/not trusted/)
      .first()
      .waitFor();
    await editor.screenshot('not-trusted');
  });

  it('does not offer to run the tests', async () => {
    const rows = await fixture.editor.palette('Hindsight: Run Tests');
    const titles = (await rows.allInnerTexts()).join('\n');
    await fixture.editor.closeQuickInput();
    assert.ok(!titles.includes('Hindsight: Run Tests'), titles);
  });
});
