import assert from 'node:assert/strict';
import { proxyFor } from '../../../server/base/proxies';

describe('the proxy of a request', () => {
  const https = 'https://huggingface.co';
  const cases: [string, string, NodeJS.ProcessEnv, string | undefined][] = [
    ['is none where none is named', https, {}, undefined],
    ['is that of its protocol', https, { HTTPS_PROXY: 'http://p:1', HTTP_PROXY: 'http://q:2' }, 'http://p:1'],
    [
      'is read in small letters first',
      https,
      { https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:1' },
      'http://a:1',
    ],
    ['may lack its protocol', https, { HTTPS_PROXY: 'p:3128' }, 'http://p:3128'],
    ['is that for plain HTTP', 'http://mirror:8080', { HTTP_PROXY: 'http://q:2' }, 'http://q:2'],
    [
      'is none for a host that is excepted',
      https,
      { HTTPS_PROXY: 'p', NO_PROXY: 'localhost, huggingface.co' },
      undefined,
    ],
    [
      'is none below a domain that is excepted',
      'https://cdn.hf.co',
      { HTTPS_PROXY: 'p', no_proxy: '.hf.co' },
      undefined,
    ],
    ['is none for all with a star', https, { HTTPS_PROXY: 'p', NO_PROXY: '*' }, undefined],
    [
      'holds for hosts that only end alike',
      'https://nothf.co',
      { HTTPS_PROXY: 'p', NO_PROXY: 'hf.co' },
      'http://p',
    ],
    [
      'holds for other ports than the excepted',
      https,
      { HTTPS_PROXY: 'p', NO_PROXY: 'huggingface.co:8443' },
      'http://p',
    ],
    ['is none for the excepted port', https, { HTTPS_PROXY: 'p', NO_PROXY: 'huggingface.co:443' }, undefined],
  ];
  for (const [what, origin, env, wanted] of cases) {
    it(what, () => assert.equal(proxyFor(origin, env), wanted));
  }
});
