import assert from 'node:assert/strict';
import { killAtRandom } from './kill';
import { scratch } from './records';

describe('a store whose process is killed', function () {
  this.timeout(240_000);

  it('at random moments of a story loses nothing it acknowledged, and leaves nothing half done', async () => {
    const place = scratch(true);
    const { stories, acknowledged } = await killAtRandom(75, place.folder, Date.now());
    assert.equal(stories, 300);
    assert.ok(acknowledged > 600, `${acknowledged} acknowledgements`);
    place.remove();
  });
});
