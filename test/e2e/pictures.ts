/**
 * The pictures of README.md and of the extension's page, taken in a real editor: a completion before anything was learned,
 * the same place afterwards, and the panel.
 *
 *   npm run pictures
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CORRECTED, ELSEWHERE, right } from './convention';
import { Fixture } from './fixture';
import { root } from './workspace';

const FOLDER = join(root, 'media', 'pictures');
const EDITOR = { x: 0, y: 0, width: 900, height: 420 };

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const fixture = await Fixture.start('pictures', {
    settings: {
      'hindsight.completions.recall': false,
      'hindsight.learning.automatic': false,
      'workbench.colorTheme': 'Default Dark Modern',
      'editor.fontSize': 14,
      'editor.minimap.enabled': false,
      'breadcrumbs.enabled': false,
      'workbench.activityBar.location': 'hidden',
    },
  });
  const { editor } = fixture;
  const { page } = editor;
  try {
    await page.setViewportSize({ width: 1100, height: 680 });
    await editor.ready();
    await editor.press('Control+B');
    await fixture.offer(...ELSEWHERE);
    await page.screenshot({ path: join(FOLDER, 'before.png'), clip: EDITOR });
    await editor.press('ArrowUp', 'Control+Z');
    await editor.save();
    for (const place of CORRECTED) {
      if (await fixture.offer(...place)) await editor.press('Tab');
      await editor.replaceLine(right(place[1]));
      await editor.save();
    }
    await page.waitForTimeout(7000);
    await editor.command('Train Now');
    await editor.notification('Open Panel').waitFor({ timeout: 180_000 });
    await editor.clearNotifications();
    await fixture.offer(...ELSEWHERE);
    await page.screenshot({ path: join(FOLDER, 'after.png'), clip: EDITOR });
    await editor.press('ArrowUp', 'Control+Z');
    await editor.save();
    await editor.command('Open Feedback Panel');
    await editor.panel.locator('.row').first().waitFor();
    await editor.panel.getByLabel('Filter by status').selectOption({ label: 'learned' });
    await editor.panel.locator('.token').first().waitFor();
    await page.setViewportSize({ width: 1280, height: 960 });
    await editor.panel.locator('.token').first().scrollIntoViewIfNeeded();
    await editor.panel.locator('.token').first().focus();
    await page.waitForTimeout(1000);
    await page.screenshot({ path: join(FOLDER, 'panel.png') });
  } finally {
    await fixture.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
