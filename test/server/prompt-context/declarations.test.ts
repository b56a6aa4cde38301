import assert from 'node:assert/strict';
import { declarationsOf } from '../../../server/prompt-context/declarations';

const shown = (text: string, ...names: string[]) =>
  declarationsOf(new Set(names), text).map((one) => one.text);

describe('declarations', () => {
  it('shows types whole, classes in outline, long functions by their heads', () => {
    const text = [
      'export interface User {',
      '  id: number;',
      '  name: string;',
      '}',
      '',
      'export class Store {',
      '  private rows: User[] = [];',
      '',
      '  /** Adds one. */',
      '  add(user: User): void {',
      '    this.rows.push(user);',
      '  }',
      '}',
      '',
      'export async function load(',
      '  path: string,',
      '  limit = 10,',
      '): Promise<User[]> {',
      ...Array.from({ length: 9 }, (_, i) => `  step${i}();`),
      '}',
      'export const LIMIT = 12;',
    ].join('\n');
    assert.deepEqual(shown(text, 'User'), ['export interface User {\n  id: number;\n  name: string;\n}']);
    assert.deepEqual(shown(text, 'Store'), [
      'export class Store {\n  private rows: User[] = [];\n  add(user: User): void {\n}',
    ]);
    assert.deepEqual(shown(text, 'load'), [
      'export async function load(\n  path: string,\n  limit = 10,\n): Promise<User[]> {',
    ]);
    assert.deepEqual(shown(text, 'LIMIT'), ['export const LIMIT = 12;']);
    assert.deepEqual(shown(text, 'step1'), []);
  });

  it('Python, Go and Rust', () => {
    const python =
      'LIMIT: int = 3\n\nclass Cart:\n    """What is bought."""\n    def add(self, item: str) -> None:\n        self.items.append(item)\n\ndef total(cart: Cart) -> float:\n    return sum(cart.items)\n';
    assert.deepEqual(shown(python, 'total', 'LIMIT'), [
      'LIMIT: int = 3',
      'def total(cart: Cart) -> float:\n    return sum(cart.items)',
    ]);
    assert.deepEqual(shown(python, 'Cart'), ['class Cart:\n    def add(self, item: str) -> None:']);
    const go =
      'type Cart struct {\n\tItems []string\n}\n\nfunc (c *Cart) Add(item string) {\n\tc.Items = append(c.Items, item)\n}\n';
    assert.deepEqual(shown(go, 'Cart', 'Add'), [
      'type Cart struct {\n\tItems []string\n}',
      'func (c *Cart) Add(item string) {\n\tc.Items = append(c.Items, item)\n}',
    ]);
    const rust =
      'pub struct Cart {\n    pub items: Vec<String>,\n}\n\npub fn total(cart: &Cart) -> usize {\n    cart.items.len()\n}\n';
    assert.equal(shown(rust, 'Cart', 'total').length, 2);
  });

  it('leaves out local variables, calls, and methods that every class has', () => {
    const text = [
      'function f() {',
      '  const name = 1;',
      '  if (name) {',
      '  }',
      '}',
      ...['A', 'B', 'C', 'D'].map((one) => `class ${one} {\n  close() {\n    stop();\n  }\n}`),
    ].join('\n');
    assert.deepEqual(shown(text, 'name', 'close', 'stop'), []);
  });
});
