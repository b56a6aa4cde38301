import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PlaceContext } from '../../../server/services/place-context';
import { Exclusions } from '../../../server/workspace/exclusions';

const ORDERS =
  "import { Cart } from './cart';\n\nexport function pay(cart: Cart): number {\n  return cart.\n}\n";

describe('context in the editor', () => {
  let root: string;
  let context: PlaceContext;
  const uri = (path: string) => pathToFileURL(join(root, path)).href;
  const at = (line = 3) => {
    const cut = ORDERS.indexOf('cart.\n') + 'cart.'.length;
    const code = { prefix: ORDERS.slice(0, cut), suffix: ORDERS.slice(cut) };
    return context.at({
      uri: uri('orders.ts'),
      path: 'orders.ts',
      languageId: 'typescript',
      line,
      text: ORDERS,
      ...code,
    });
  };
  const edit = (path: string, version: number, before: string, after: string) =>
    context.changed({ uri: uri(path), version, before, after });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hindsight-place-'));
    mkdirSync(join(root, '.git'));
    writeFileSync(join(root, '.gitignore'), 'generated/\n');
    writeFileSync(join(root, 'cart.ts'), 'export class Cart {\n  total(): number {\n    return 0;\n  }\n}\n');
    const exclusions = new Exclusions([root], []);
    context = new PlaceContext({
      folders: () => [root],
      excludedBecause: (one) => exclusions.check(one),
      log: (text) => assert.fail(text),
    });
    context.opened({ uri: uri('orders.ts'), text: ORDERS });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('reads imports from the disk, and from the editor where they are open', async () => {
    const [first] = await at();
    assert.match(first!.text, /total\(\)/);
    context.opened({
      uri: uri('cart.ts'),
      text: 'export class Cart {\n  netTotal(): number {\n    return 1;\n  }\n}\n',
    });
    edit('cart.ts', 2, '', 'export class Cart {\n  netTotal(): number {\n    return 1;\n  }\n}\n');
    assert.match((await at())[0]!.text, /netTotal\(\)/);
  });

  it('shows what a language server says, of files that no import names', async () => {
    mkdirSync(join(root, 'lib'));
    writeFileSync(
      join(root, 'lib/globals.ts'),
      '\nexport function discount(of: number): number {\n  return of / 2;\n}\n',
    );
    context.declared(uri('orders.ts'), [
      { uri: uri('lib/globals.ts'), line: 1 },
      { uri: uri('lib/missing.ts'), line: 1 },
      { uri: 'file:///elsewhere/lib.d.ts', line: 9 },
    ]);
    const found = (await at()).find(({ path }) => path === 'lib/globals.ts');
    assert.equal(found?.text, 'export function discount(of: number): number {\n  return of / 2;\n}');
  });

  it('finds code that looks alike in a file that was open a while ago', async () => {
    mkdirSync(join(root, 'far/away'), { recursive: true });
    const alike = 'export function refund(cart: Cart): number {\n  return pay(cart) * -1;\n}\n';
    writeFileSync(join(root, 'far/away/refunds.ts'), alike);
    const paths = async () => (await at()).filter(({ kind }) => kind === 'similar').map(({ path }) => path);
    assert.deepEqual(await paths(), []);
    context.opened({ uri: uri('far/away/refunds.ts'), text: alike });
    context.closed(uri('far/away/refunds.ts'));
    context.reset();
    assert.deepEqual(await paths(), ['far/away/refunds.ts']);
  });

  it('stays the same while one types, and is told anew elsewhere', async () => {
    const first = await at();
    edit('orders.ts', 2, ORDERS, `${ORDERS}//`);
    assert.equal(await at(), first, 'the very same: caches live');
    assert.equal(await at(6), first);
    assert.notEqual(await at(40), first);
  });

  it('tells of edits in other files and of problems, not of what programs did or what git ignores', async () => {
    edit('stock.ts', 2, 'total();\n', 'netTotal();\n');
    edit('generated/api.ts', 2, 'a();\n', 'generated();\n');
    context.editReason({ uri: uri('shop.ts'), version: 2, reason: 'format' });
    edit('shop.ts', 2, 'b( );\n', 'b();\n');
    context.editReason({ uri: uri('tax.ts'), version: 2, reason: 'program' });
    edit('tax.ts', 2, 'c();\n', 'agent();\n');
    const range = { start: { line: 3, character: 0 }, end: { line: 3, character: 4 } };
    context.diagnostics({
      uri: uri('orders.ts'),
      version: 1,
      items: [{ range, message: 'no such name', severity: 'error', source: 'ts' }],
    });
    const parts = await at();
    assert.deepEqual(
      parts.map(({ kind, text }) => [kind, kind === 'definition' ? '' : text]),
      [
        ['definition', ''],
        ['edit', '-total();\n+netTotal();'],
        ['problem', 'this line: no such name'],
      ],
    );
  });
});
