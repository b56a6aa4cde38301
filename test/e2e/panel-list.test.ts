import assert from 'node:assert/strict';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { root } from '../../scripts/build';
import { ensureChromium } from '../../scripts/editor-tools';

interface Answer {
  total: number;
  rows: string[];
}

declare global {
  interface Window {
    list: { reload(): Promise<boolean>; select(index: number): void; length: number };
    /** Requests that wait for their answer, oldest first. */
    waiting: ((answer: Answer) => void)[];
    chosen: string[];
  }
}

const SETUP = `
  import { VirtualList } from './virtual-list';
  window.waiting = [];
  window.chosen = [];
  window.list = new VirtualList({
    label: 'Rows', rowHeight: 20, pageSize: 10,
    load: () => new Promise((answer) => window.waiting.push(answer)),
    render: (row, element) => { element.textContent = row; },
    onSelect: (row) => window.chosen.push(row),
    onError: () => {},
    keyOf: (row) => row,
  });
  document.body.append(window.list.element);
`;

describe('the panel’s list, in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let page: Page;

  before(async () => {
    const bundle = await build({
      stdin: { contents: SETUP, resolveDir: join(root, 'extension/panel/page'), loader: 'ts' },
      bundle: true,
      write: false,
      format: 'iife',
    });
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox'] });
    page = await browser.newPage();
    await page.setContent('<style>.virtual-list { height: 100px; overflow: auto }</style>');
    await page.addScriptTag({ content: bundle.outputFiles[0]!.text });
  });
  after(() => browser?.close());

  it('says that a reload was overtaken by another one, whichever is answered first', async () => {
    const said = await page.evaluate(async () => {
      const first = window.list.reload();
      window.waiting.shift()!({ total: 1, rows: ['of before'] });
      await first;
      // The filter changes while the list is being read again.
      const overtaken = window.list.reload();
      const filtered = window.list.reload();
      window.waiting.shift()!({ total: 1, rows: ['of before'] });
      const one = await overtaken;
      window.waiting.shift()!({ total: 1, rows: ['filtered'] });
      const two = await filtered;
      window.list.select(0);
      return { one, two, chosen: window.chosen };
    });
    assert.deepEqual(said, { one: false, two: true, chosen: ['filtered'] });
  });
});
