/** The editor as a developer sees it: a page object over the workbench in a browser. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { ensureChromium } from '../../scripts/editor-tools';
import { root } from './workspace';

export const artifacts = join(root, '.artifacts', 'e2e');

const CHROMIUM = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const STATUS_ITEM = '#hindsight\\.hindsight\\.status';

export class Editor {
  private readonly console: string[] = [];
  private shots = 0;

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
    private readonly name: string,
  ) {
    page.on('console', (message) => this.console.push(`${message.type()} ${message.text()}`));
    page.on('pageerror', (error) => this.console.push(`pageerror ${error}`));
  }

  /** @param name of the screenshots */
  static async open(url: string, name: string): Promise<Editor> {
    mkdirSync(artifacts, { recursive: true });
    const browser = await chromium.launch({ executablePath: await ensureChromium(), args: CHROMIUM });
    const page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
    page.setDefaultTimeout(20_000);
    const editor = new Editor(browser, page, name);
    await page.goto(url);
    await page.waitForSelector('.monaco-workbench .part.statusbar', { timeout: 60_000 });
    return editor;
  }

  async close(): Promise<void> {
    writeFileSync(join(artifacts, `${this.name}-console.log`), this.console.join('\n'));
    await this.browser.close();
  }

  async screenshot(what: string): Promise<void> {
    const number = String(++this.shots).padStart(2, '0');
    await this.page.screenshot({ path: join(artifacts, `${this.name}-${number}-${what}.png`) });
  }

  /** Hindsight's item in the status bar. */
  get status(): Locator {
    return this.page.locator(STATUS_ITEM);
  }

  /** Waits until the extension is active and the server has said that it is ready. @throws where it says error */
  async ready(): Promise<void> {
    await this.status.waitFor({ timeout: 60_000 });
    await this.page.waitForFunction(
      (selector) => {
        const item = document.querySelector(selector);
        return item && !item.querySelector('.codicon-loading');
      },
      STATUS_ITEM,
      { timeout: 60_000 },
    );
    if ((await this.status.locator('.codicon-error').count()) === 0) return;
    await this.screenshot('server-error');
    throw new Error('The status bar shows an error.');
  }

  /** Opens a file in the first group of editors, by its name, which is to be the only one of that name. */
  async openFile(name: string): Promise<void> {
    // The first group, and not the panel's: a focus on its way back to the panel may undo the choice, then once more.
    const group = this.page.locator('.editor-group-container').first();
    const tab = group.locator(`.tabs-container .tab.active[data-resource-name="${name}"]`);
    for (let attempt = 1; ; attempt++) {
      await this.press('Control+1');
      await this.page.waitForTimeout(300);
      await this.ask('Control+P', name);
      // A click: Enter may come while the list still shows what was opened before.
      await this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${name}"]`).first().click();
      try {
        await tab.waitFor({ timeout: attempt < 3 ? 4000 : 20_000 });
        break;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
    await this.parkMouse();
  }

  /** Opens the palette with a text; the rows are the commands found. */
  async palette(text: string): Promise<Locator> {
    await this.ask('F1', `>${text}`);
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    return rows;
  }

  /** Runs a command of the palette by its title without the category. */
  async command(title: string): Promise<void> {
    // A focus on its way elsewhere (a panel that was just opened) may close the palette: then once more.
    for (let attempt = 1; ; attempt++) {
      const rows = await this.palette(`Hindsight: ${title}`);
      try {
        await rows.filter({ hasText: title }).first().click({ timeout: 4_000 });
        break;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
    await this.parkMouse();
  }

  /** Answers a box with this title: with a text, or with what it proposes. */
  async answer(title: string, text?: string): Promise<void> {
    await this.page.locator('.quick-input-widget .quick-input-title', { hasText: title }).waitFor();
    if (text === undefined) await this.page.waitForTimeout(700);
    else await this.quickInput.fill(text);
    await this.press('Enter');
  }

  async closeQuickInput(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Puts the cursor at the end of a line, or before a column of it; both by number from 1. */
  async goTo(line: number, column?: number): Promise<void> {
    await this.focusEditor();
    await this.ask('Control+G', `:${line}${column === undefined ? '' : `:${column}`}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    if (column === undefined) await this.page.keyboard.press('End');
  }

  /** Chooses a colour theme by its name. */
  async theme(name: string): Promise<void> {
    const rows = await this.palette('Preferences: Color Theme');
    await rows.filter({ hasText: 'Preferences: Color Theme' }).first().click();
    await this.page.waitForTimeout(500);
    await this.quickInput.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
    await this.parkMouse();
  }

  async focusEditor(): Promise<void> {
    await this.page
      .locator('.editor-instance .monaco-editor')
      .first()
      .click({ position: { x: 300, y: 8 } });
  }

  /** Types as a person does. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 30 });
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Replaces the text of the line the cursor is in, from its first character that is no space. */
  async replaceLine(text: string): Promise<void> {
    await this.press('End', 'Shift+Home', 'Delete');
    await this.page.keyboard.insertText(text);
  }

  /** The ghost text on screen, or null where none comes in time. */
  async ghost(timeout = 10_000): Promise<string | null> {
    const spans = this.page.locator(
      '.monaco-editor .ghost-text-decoration, .monaco-editor .ghost-text-decoration-preview',
    );
    try {
      await spans.first().waitFor({ timeout });
    } catch {
      return null;
    }
    // The text may still grow into place.
    await this.page.waitForTimeout(250);
    const texts = await spans.allInnerTexts();
    return texts.join('').replaceAll('\u00a0', ' ') || null;
  }

  /** Waits until no ghost text is on screen. */
  async noGhost(): Promise<void> {
    await this.page.locator('.monaco-editor .ghost-text-decoration').first().waitFor({ state: 'detached' });
  }

  /** Lines of the open file as they are on screen. */
  async lines(): Promise<string[]> {
    const texts = await this.page.locator('.editor-instance .view-line').allInnerTexts();
    return texts.map((text) => text.replaceAll('\u00a0', ' '));
  }

  /** Saves the open file; the tab may not yet be marked as changed, so what counts is the file. */
  async save(): Promise<void> {
    await this.page.waitForTimeout(150);
    await this.press('Control+S');
    await this.page.locator('.tabs-container .tab.active:not(.dirty)').first().waitFor();
    await this.page.waitForTimeout(150);
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  async clearNotifications(): Promise<void> {
    const rows = await this.paletteFor('Notifications: Clear All Notifications');
    await rows.first().click();
    await this.parkMouse();
  }

  /** Opens a terminal and waits for its shell integration, which shows as decorations of the prompt. */
  async openTerminal(): Promise<void> {
    await this.press('Control+`');
    await this.page
      .locator('.terminal-wrapper.active .xterm-helper-textarea')
      .first()
      .waitFor({ state: 'attached' });
    await this.page
      .locator('.terminal-wrapper.active .terminal-command-decoration.codicon-terminal-decoration-incomplete')
      .first()
      .waitFor({ state: 'attached' });
    await this.page.waitForTimeout(500);
  }

  /** Runs a command in the open terminal; returns when `done` is on its screen. */
  async run(command: string, done: RegExp, timeout = 30_000): Promise<string> {
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea').first().focus();
    await this.page.keyboard.type(command, { delay: 15 });
    await this.press('Enter');
    return this.terminalShows(done, timeout);
  }

  /** Waits until the open terminal shows something; the result is all it shows then. */
  async terminalShows(what: RegExp, timeout = 30_000): Promise<string> {
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows > div');
    const deadline = Date.now() + timeout;
    for (;;) {
      const text = (await rows.allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
      if (what.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`The terminal does not show ${what}:\n${text}`);
      await this.page.waitForTimeout(200);
    }
  }

  /** The page inside the feedback panel. */
  get panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').last().frameLocator('#active-frame');
  }

  /** Where it hovers over nothing that has a tooltip. */
  private async parkMouse(): Promise<void> {
    await this.page.mouse.move(600, 845);
  }

  private async paletteFor(text: string): Promise<Locator> {
    const rows = await this.palette(text);
    return rows.filter({ hasText: text.split(': ').at(-1)! });
  }

  /** Opens a quick input by its key and fills it. A focus on its way elsewhere may close it: then once more. */
  private async ask(key: string, text: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.press(key);
      try {
        await this.quickInput.fill(text, { timeout: 3000 });
        return;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  }

  private get quickInput(): Locator {
    return this.page.locator('.quick-input-widget .quick-input-box input').first();
  }
}
