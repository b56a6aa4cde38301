import assert from 'node:assert/strict';
import { languageSwitch } from '../../../extension/offers/language-switch';

describe('languageSwitch', () => {
  it('goes by the language, then by the star, then is on', () => {
    const languages = { '*': false, python: true };
    assert.equal(languageSwitch(languages, 'python'), true);
    assert.equal(languageSwitch(languages, 'go'), false);
    assert.equal(languageSwitch({ go: false }, 'python'), true);
    assert.equal(languageSwitch({ '*': 'yes', go: 0 }, 'go'), true);
  });
});
