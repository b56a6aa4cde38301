import assert from 'node:assert/strict';
import { checkContents } from '../../scripts/package-contents';
import { withGate } from '../../scripts/stock-proposals';

const ORT = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64';

describe('checkContents', () => {
  it('tells of what is missing and of what is too much', () => {
    const wrong = checkContents(
      [`${ORT}/libonnxruntime.so.1`, 'server/main.ts', 'media/model/config.json'],
      'linux',
      'x64',
    );
    assert.ok(wrong.includes('dist/server.js is missing.'));
    assert.ok(wrong.includes('server/main.ts does not belong there.'));
    assert.ok(!wrong.some((each) => each.includes('libonnxruntime') || each.includes('config.json')));
  });

  it('refuses other platforms’ binaries and CUDA’s', () => {
    const wrong = checkContents(
      [ORT.replace('linux', 'win32').concat('/onnxruntime.dll'), `${ORT}/libonnxruntime_providers_cuda.so`],
      'linux',
      'x64',
    );
    assert.equal(wrong.filter((each) => each.endsWith('does not belong there.')).length, 2);
  });
});

describe('withGate', () => {
  const open = 'function zz(e,t){return!0}function q(e){if(!zz(e,"inlineCompletionsAdditions"))throw 1}';

  it('lets an extension use the proposals it declares only', () => {
    const { source, guards } = withGate(open);
    assert.equal(guards, 1);
    const ask = new Function(`${source};return q`)() as (extension: object) => void;
    assert.throws(() => ask({}));
    assert.doesNotThrow(() => ask({ enabledApiProposals: ['inlineCompletionsAdditions'] }));
  });

  it('says so where there is no guard', () => {
    assert.equal(withGate('var a=1').guards, 0);
  });
});
