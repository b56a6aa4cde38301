import assert from 'node:assert/strict';
import { namesOf } from '../../../extension/commands/project-names';

describe('names of projects', () => {
  it('are those of their folders, a few of them', () => {
    assert.equal(namesOf([]), '');
    assert.equal(namesOf(['/home/ada/shop']), 'shop');
    assert.equal(namesOf(['/home/ada/shop/', 'C:\\work\\blog']), 'shop and blog');
    assert.equal(namesOf(['/a/one', '/a/two', '/a/three']), 'one, two and three');
    assert.equal(namesOf(['/a/one', '/a/two', '/a/three', '/b/four']), 'one, two, three and 1 more project');
    assert.equal(namesOf(['/1', '/2', '/3', '/4', '/5']), '1, 2, 3 and 2 more projects');
  });
});
