import assert from 'node:assert/strict';
import { type PlatformPath, posix, win32 } from 'node:path';
import { framesIn } from '../../../server/test-output/frames';
import { placeOf, samePath } from '../../../server/test-output/places';

/** A workspace with these files, on a system of either kind. */
function ground(path: PlatformPath, cwd: string, files: string[], root?: string) {
  const exists = (file: string) => files.some((one) => samePath(one, file, path));
  return { cwd, exists, files: () => files, path, ...(root === undefined ? {} : { root }) };
}

/** The same folder on both kinds of systems. */
const SYSTEMS: [string, PlatformPath, (path: string) => string][] = [
  ['Linux', posix, (path) => path],
  ['Windows', win32, (path) => `c:${path.replaceAll('/', '\\')}`],
];

for (const [name, path, native] of SYSTEMS) {
  describe(`printed places on ${name}`, () => {
    const shop = native('/home/dev/shop');
    const cart = native('/home/dev/shop/src/cart.ts');
    const page = native('/home/dev/shop/src/app/(shop)/posts/[slug]/page.tsx');
    const blank = native('/home/dev/shop/src/my lib/cart.js');
    const small = [cart, page, blank];
    const at = (printed: string, files = small, root?: string) => {
      const found = placeOf(printed, ground(path, shop, files, root));
      return found === null ? null : (files.find((file) => samePath(file, found, path)) ?? found);
    };

    it('are found below the folder of the run, whatever their separators', () => {
      for (const printed of ['src/cart.ts', './src/cart.ts', cart]) assert.equal(at(printed), cart, printed);
      assert.equal(at('src/app/(shop)/posts/[slug]/page.tsx'), page);
      assert.equal(at('src/my lib/cart.js'), blank);
      assert.equal(at(native('/home/dev/shop/lib/../src/cart.ts')), cart);
      if (path === win32)
        for (const printed of ['src\\cart.ts', 'C:/Users/../home/dev/shop/src/cart.ts'])
          assert.equal(at(printed), cart, printed);
    });

    it('are found below the folder the runner names', () => {
      const index = native('/home/dev/shop/packages/shop/src/index.ts');
      const other = native('/home/dev/shop/packages/ui/src/index.ts');
      const files = [index, other, native('/home/dev/shop/src/index.ts')];
      assert.equal(at('src/index.ts', files, native('/home/dev/shop/packages/shop')), index);
      assert.equal(at('src/index.ts', files, native('/home/dev/shop/packages/ui')), other);
    });

    it('are found by a tail that a single file has, and by none that several have', () => {
      const one = native('/home/dev/shop/packages/shop/src/price.ts');
      assert.equal(at('src/price.ts', [one]), one);
      assert.equal(at('../shop/src/price.ts', [one]), one);
      assert.equal(at('src/price.ts', [one, native('/home/dev/shop/packages/ui/src/price.ts')]), null);
      assert.equal(at('src/price.ts', [native('/home/dev/shop/packages/shop/other-src/price.ts')]), null);
    });

    it('of a container are files of the workspace where a single tail fits', () => {
      assert.equal(at('/app/src/cart.ts'), cart);
      assert.equal(at('src/cart.ts', small, '/app'), cart);
      const deep = native('/home/dev/shop/packages/shop/src/index.ts');
      assert.equal(at('/usr/src/app/packages/shop/src/index.ts', [deep]), deep);
      assert.equal(
        at('/app/src/index.ts', [deep, native('/home/dev/shop/packages/ui/src/index.ts')])?.includes(
          'packages',
        ),
        false,
      );
    });

    it('of Java are found in its source folders', () => {
      const file = native('/home/dev/shop/src/test/java/shop/CartTest.java');
      assert.equal(at('shop/CartTest.java', [file]), file);
    });
  });
}

describe('printed places', () => {
  it('on Windows tell no cases of letters and drives apart, elsewhere they do', () => {
    assert.ok(samePath('C:\\Users\\dev\\Shop\\Cart.ts', 'c:\\users\\dev\\shop\\cart.ts', win32));
    assert.ok(samePath('C:/Users/dev/cart.ts', 'c:\\Users\\dev\\cart.ts', win32));
    assert.ok(samePath('\\\\server\\share\\shop\\cart.ts', '//server/share/shop/cart.ts', win32));
    assert.ok(!samePath('\\\\server\\share\\shop\\cart.ts', '\\\\other\\share\\shop\\cart.ts', win32));
    if (process.platform !== 'darwin') assert.ok(!samePath('/home/dev/Cart.ts', '/home/dev/cart.ts', posix));
  });

  const LINES: [string, string[]][] = [
    [
      '    at half (C:\\Users\\dev\\My Projects\\shop\\src\\cart.ts:4:17)',
      ['C:\\Users\\dev\\My Projects\\shop\\src\\cart.ts:4'],
    ],
    ['    at half (\\\\server\\share\\my shop\\cart.js:4:1)', ['\\\\server\\share\\my shop\\cart.js:4']],
    [
      '    at file:///C:/Users/dev/My%20Projects/shop/src/cart.js:4:17',
      ['C:/Users/dev/My Projects/shop/src/cart.js:4'],
    ],
    ['    at half (webpack://shop/./src/cart.ts?1a2b:4:9)', ['src/cart.ts:4']],
    ['    at half (webpack-internal:///./src/cart.ts:4:9)', ['src/cart.ts:4']],
    ['    at half (http://localhost:5173/src/cart.ts?t=1764107000000:4:9)', ['src/cart.ts:4']],
    [
      '    at half (http://localhost:5173/@fs/home/dev/shop/src/cart.ts:4:9)',
      ['/home/dev/shop/src/cart.ts:4'],
    ],
    ['half@http://localhost:9876/base/src/cart.js?0123abcd:4:9', ['src/cart.js:4']],
    ['    at half (app:///src/cart.js:4:9)', ['src/cart.js:4']],
    ['        at app//shop.Cart$Item.half(Cart.java:9)', ['shop/Cart.java:9']],
    ['        at java.base/java.util.ArrayList.get(ArrayList.java:427)', []],
    [
      '   at Shop.Cart.Half(Int32 price) in C:\\dev\\My Shop\\Cart.cs:line 7',
      ['C:\\dev\\My Shop\\Cart.cs:7'],
    ],
    [
      '    at Shop.CartTests.Half() in /home/dev/My Shop/CartTests.cs:12',
      ['/home/dev/My Shop/CartTests.cs:12'],
    ],
    [
      '  File "C:\\Users\\dev\\My Projects\\shop\\test_cart.py", line 9, in test_half',
      ['C:\\Users\\dev\\My Projects\\shop\\test_cart.py:9'],
    ],
    [' ❯ PostPage src/app/(shop)/[slug]/page.tsx:9:27', ['src/app/(shop)/[slug]/page.tsx:9']],
    [' ❯ src/my lib/cart.ts:3:20', ['src/my lib/cart.ts:3']],
    ["# ./lib/my dir/cart.rb:7:in `reset'", ['lib/my dir/cart.rb:7']],
    ['\t/home/dev/My Projects/shop/cart.go:13 +0x1d', ['/home/dev/My Projects/shop/cart.go:13']],
    ['package:shop/cart.dart 4:9  half', ['lib/cart.dart:4']],
    ['package:test_api/src/backend/declarer.dart 215:19', []],
    ['#   at t/cart.t line 9.', ['t/cart.t:9']],
    ['#0 /home/dev/my shop/Cart.php(12): half()', ['/home/dev/my shop/Cart.php:12']],
    [
      '..\\..\\test\\cart_test.cpp(12): error: Expected equality of these values:',
      ['..\\..\\test\\cart_test.cpp:12'],
    ],
    ['src/cart.c:12:5: error: expected expression', ['src/cart.c:12']],
    ['    at Module._compile (node:internal/modules/cjs/loader:1554:14)', []],
    ['    at assertEquals (https://jsr.io/@std/assert/1.0.0/equals.ts:64:9)', []],
    ['    at run (/home/dev/shop/node_modules/mocha/lib/runner.js:3:1)', []],
    ['listening on http://localhost:3000 since 12:30:01', []],
  ];
  for (const [line, places] of LINES) {
    it(`in ${line.trim()}`, () => {
      assert.deepEqual(
        framesIn(line).map((frame) => `${frame.file}:${frame.line}`),
        places,
      );
    });
  }

  it('are each told once, by their whole path where both are printed', () => {
    const text =
      'cart_test.go:14: \n  Error Trace:\tC:/Users/dev/My Projects/shop/cart_test.go:14\n cart_test.go:15: no';
    assert.deepEqual(
      framesIn(text).map((frame) => frame.file),
      ['C:/Users/dev/My Projects/shop/cart_test.go', 'cart_test.go'],
    );
  });
});
