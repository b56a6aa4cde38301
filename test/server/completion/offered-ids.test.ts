import assert from 'node:assert/strict';
import { join } from 'node:path';
import { offeredIds } from '../../../server/completion/offered-ids';
import { loadTokenizer } from '../../../server/model/tokenizer/tokenizer';
import { ROOT } from '../../root';

describe('ids of what was offered', () => {
  const tokenizer = loadTokenizer(join(ROOT, 'test/fixtures/golden/qwen2'), 413);
  const ids = tokenizer.encode('log(id);\n    return null;\n  }\n}');

  it('end with the token that holds the end of the text', () => {
    for (const text of ['log(id);', 'log(id);\n    return null;', 'log', 'log(i']) {
      const offered = offeredIds(tokenizer, ids, text);
      assert.deepEqual(offered, ids.slice(0, offered.length));
      assert.ok(tokenizer.decode(offered).startsWith(text));
      assert.equal(tokenizer.decode(offered.slice(0, -1)).startsWith(text), false);
    }
  });

  it('are all of them where all was offered, and none for nothing', () => {
    assert.deepEqual(offeredIds(tokenizer, ids, tokenizer.decode(ids)), ids);
    assert.deepEqual(offeredIds(tokenizer, ids, ''), []);
  });
});
