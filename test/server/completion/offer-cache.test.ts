import assert from 'node:assert/strict';
import { OfferCache } from '../../../server/completion/offer-cache';

const offer = {
  completionId: 'one',
  uri: 'file:///a.ts',
  offset: 6,
  prefix: 'const ',
  suffix: '\n}',
  text: 'total = 0;',
};

describe('offer cache', () => {
  const cache = new OfferCache();
  cache.add(offer);

  it('offers the rest while the developer types along', () => {
    const found = cache.find(offer.uri, 9, 'const tot', '\n}');
    assert.equal(found?.typed, 3);
    assert.equal(found?.offer.completionId, 'one');
  });

  it('knows the same place again', () => {
    assert.equal(cache.find(offer.uri, 6, 'const ', '\n}')?.typed, 0);
  });

  it('has nothing once something else was typed, or the code behind the cursor changed', () => {
    assert.equal(cache.find(offer.uri, 7, 'const x', '\n}'), null);
    assert.equal(cache.find(offer.uri, 9, 'const tot', ';\n}'), null);
    assert.equal(cache.find(offer.uri, 16, 'const total = 0;', '\n}'), null);
    assert.equal(cache.find('file:///b.ts', 9, 'const tot', '\n}'), null);
  });
});
