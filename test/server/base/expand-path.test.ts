import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { expandPath } from '../../../server/base/expand-path';

const expand = (text: string, folder?: string) =>
  expandPath(text, folder, { MODELS: '/data/models', EMPTY: '' }, '/home/ada');

describe('a path in the settings', () => {
  it('knows the home folder, variables in every spelling, and relative paths', () => {
    assert.equal(expand('~/models/x.gguf'), join('/home/ada', 'models/x.gguf'));
    assert.equal(expand('~'), '/home/ada');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as people write it into settings
    for (const text of ['$MODELS/q', '${MODELS}/q', '${env:MODELS}/q', '%MODELS%/q'])
      assert.equal(expand(text), '/data/models/q', text);
    assert.equal(expand('models/q', '/work/shop'), resolve('/work/shop', 'models/q'));
    assert.equal(expand('models/q'), resolve('/home/ada', 'models/q'));
  });

  it('leaves what it does not know as it is written', () => {
    assert.equal(expand('/a/$NOBODY/b'), '/a/$NOBODY/b');
    assert.equal(expand('  '), '');
    assert.equal(expand('$EMPTY'), '');
    assert.equal(expand('/a/~b'), '/a/~b');
  });
});
