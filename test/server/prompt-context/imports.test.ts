import assert from 'node:assert/strict';
import { GivenFiles } from '../../../server/prompt-context/given-files';
import { importsOf } from '../../../server/prompt-context/imports';
import { resolveImport } from '../../../server/prompt-context/resolve-imports';

/** Each import of a file as the paths that it means. */
async function resolved(path: string, text: string, paths: string[]): Promise<Record<string, string[]>> {
  const files = new GivenFiles(paths.map((one) => ({ path: one, text: '' })));
  const out: Record<string, string[]> = {};
  for (const one of importsOf(path, text)) out[one.module] = await resolveImport(one, path, files);
  return out;
}

describe('imports without a language server', () => {
  it('TypeScript and JavaScript: relative, with another ending, index files, aliases, require', async () => {
    const text = [
      "import type { User } from './user';",
      "import {\n  save,\n  type Store as Disk,\n} from '../store/index.js';",
      "import config from '@/config';",
      "import * as shared from '@app/shared/strings';",
      "export { helper } from '../helper.js';",
      "const { pick } = require('../utils/pick');",
      "import fs from 'node:fs';",
      "import 'side-effect';",
    ].join('\n');
    const paths = [
      'src/api/user.ts',
      'src/store/index.ts',
      'src/config.ts',
      'src/shared/strings.ts',
      'src/helper.ts',
      'src/utils/pick.js',
    ];
    assert.deepEqual(await resolved('src/api/users.ts', text, paths), {
      './user': ['src/api/user.ts'],
      '../store/index.js': ['src/store/index.ts'],
      '@/config': ['src/config.ts'],
      '@app/shared/strings': ['src/shared/strings.ts'],
      '../helper.js': ['src/helper.ts'],
      '../utils/pick': ['src/utils/pick.js'],
      'node:fs': [],
    });
    const [, second] = importsOf('a.ts', text);
    assert.deepEqual(second!.names, ['save', 'Store', 'Disk']);
  });

  it('Python: packages, relative imports, modules taken by name', async () => {
    const text = [
      'from .models import User, Order as Bought',
      'from ..core.db import (\n    Session,\n    commit,\n)',
      'from shop import prices',
      'import shop.core.tax as tax, os',
    ].join('\n');
    const paths = [
      'shop/api/models.py',
      'shop/core/db.py',
      'shop/prices.py',
      'shop/__init__.py',
      'shop/core/tax.py',
    ];
    assert.deepEqual(await resolved('shop/api/views.py', text, paths), {
      '.models': ['shop/api/models.py'],
      '..core.db': ['shop/core/db.py'],
      shop: ['shop/prices.py', 'shop/__init__.py'],
      'shop.core.tax': ['shop/core/tax.py'],
      os: [],
    });
  });

  it('Go, Rust, Java, C and Ruby', async () => {
    assert.deepEqual(
      await resolved('cmd/main.go', 'import (\n\t"fmt"\n\t"example.com/shop/internal/cart"\n)', [
        'internal/cart/cart.go',
        'internal/cart/cart_test.go',
      ]),
      { fmt: [], 'example.com/shop/internal/cart': ['internal/cart/cart.go'] },
    );
    assert.deepEqual(
      await resolved(
        'src/api/mod.rs',
        'use crate::store::{Disk, file::Name};\nuse super::error;\nmod users;',
        ['src/store/mod.rs', 'src/store/file.rs', 'src/error.rs', 'src/api/users.rs'],
      ),
      {
        'crate::store': ['src/store/mod.rs'],
        'crate::store::file': ['src/store/file.rs'],
        super: ['src/error.rs'],
        'self::users': ['src/api/users.rs'],
      },
    );
    assert.deepEqual(
      await resolved('src/main/java/shop/Main.java', 'import shop.cart.Cart;\nimport java.util.List;', [
        'src/main/java/shop/cart/Cart.java',
      ]),
      { 'shop.cart.Cart': ['src/main/java/shop/cart/Cart.java'], 'java.util.List': [] },
    );
    assert.deepEqual(
      await resolved('src/main.c', '#include "cart.h"\n#include <stdio.h>', ['include/cart.h']),
      { 'cart.h': ['include/cart.h'] },
    );
    assert.deepEqual(await resolved('lib/shop.rb', "require_relative 'shop/cart'", ['lib/shop/cart.rb']), {
      './shop/cart': ['lib/shop/cart.rb'],
    });
  });

  it('never leaves the root', async () => {
    assert.deepEqual(await resolved('a.ts', "import { x } from '../../etc/passwd';", ['etc/passwd']), {
      '../../etc/passwd': [],
    });
  });
});
