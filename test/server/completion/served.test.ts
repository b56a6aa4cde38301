import assert from 'node:assert/strict';
import fc from 'fast-check';
import { baseOf, routeOf } from '../../../server/completion/served/address';
import { familyOf } from '../../../server/completion/served/family';
import { pieces } from '../../../server/completion/served/stream';
import { CompletionWorker } from '../../../server/completion/worker-client';
import { bundle } from '../bundle';
import { ScriptedServer } from './scripted-server';

const place = {
  document: 'file:///a.py',
  path: 'a.py',
  languageId: 'python',
  prefix: 'def mean(values):\n    ',
  suffix: '\n',
  feedback: null,
  lookups: [],
  maxTokens: 32,
};

describe('a model on a server', function () {
  this.timeout(30_000);
  let entry: string;
  let worker: CompletionWorker;
  let server: ScriptedServer;

  before(async () => {
    entry = await bundle('server/completion/worker.ts');
  });
  beforeEach(async () => {
    worker = new CompletionWorker(entry, () => undefined);
    server = await ScriptedServer.start({ completions: () => ['\n    return', ' sum(values)', '\n\n', 'x'] });
  });
  afterEach(async () => {
    await worker.close();
    await server.stop();
  });

  const connect = (model = '', key: string | null = null, url = server.url) =>
    worker.connect({ url, model, key });

  it('completes behind what stands before the cursor, whose blanks the model says itself', async () => {
    const info = await connect();
    assert.deepEqual([info.name, info.server, info.contextLength], ['small', server.host, null]);
    const answer = await worker.complete(place);
    assert.equal(answer?.text, 'return sum(values)');
    assert.deepEqual(
      { ...server.question, max_tokens: 0 },
      { model: 'small', prompt: 'def mean(values):', max_tokens: 0, temperature: 0, stream: true },
    );
    assert.deepEqual([answer?.promptIds, answer?.responseIds], [[], []]);
    assert.equal(answer?.modelHash, info.hash);
  });

  it('offers nothing where the model goes on otherwise than the line begins', async () => {
    server.script = { completions: () => ['\n\n\ndef other():'] };
    await connect();
    const answer = await worker.complete(place);
    assert.equal(answer?.text, null);
    assert.match(answer?.why ?? '', /otherwise/);
  });

  it('asks llama.cpp’s own route where the model fills in the middle', async () => {
    server.script = { infill: () => ['total = sum(values)\n', '    return total'] };
    await connect();
    const context = [{ kind: 'similar' as const, path: 'b.py', text: 'def total(x): ...' }];
    const answer = await worker.complete({ ...place, context });
    assert.equal(answer?.text, 'total = sum(values)\n    return total');
    const { input_prefix, input_suffix, input_extra } = server.question;
    assert.deepEqual([input_prefix, input_suffix], [place.prefix, place.suffix]);
    assert.deepEqual(input_extra, [{ filename: 'b.py', text: 'def total(x): ...' }]);
  });

  it('fills in the middle in the words of the model’s family', async () => {
    server.script = { models: ['tiny', 'Qwen/Qwen2.5-Coder-1.5B'], completions: () => ['return 1'] };
    await connect('Qwen/Qwen2.5-Coder-1.5B');
    const context = [{ kind: 'similar' as const, path: 'b.py', text: 'x = 1' }];
    await worker.complete({ ...place, context });
    assert.equal(
      server.question.prompt,
      '<|repo_name|>project\n<|file_sep|>b.py\nx = 1\n<|file_sep|>a.py\n' +
        '<|fim_prefix|>def mean(values):\n    <|fim_suffix|>\n<|fim_middle|>',
    );
  });

  it('knows the families by the names that servers give their models', () => {
    const middles = [
      'qwen2.5-coder:1.5b-base',
      'starcoder2:3b',
      'codellama:7b-code',
      'deepseek-coder-v2-lite',
      'codegemma-2b',
      'codestral-22b',
      'granite-3b-code-base',
      'llama3.2:3b',
      'gpt-oss:20b',
    ].map((name) => familyOf(name)?.middle ?? null);
    assert.deepEqual(middles, [
      '<|fim_middle|>',
      '<fim_middle>',
      '<MID>',
      '<｜fim▁end｜>',
      '<|fim_middle|>',
      '[PREFIX]',
      '<fim_middle>',
      null,
      null,
    ]);
  });

  it('sends no secret, wherever it stands', async () => {
    const secret = ['ghp', 'Zx8Qw3Er5Ty7Ui9Op1As2Df4Gh6Jk0LzXcV3'].join('_');
    await connect();
    await worker.complete({
      ...place,
      prefix: `TOKEN = "${secret}"\n${place.prefix}`,
      suffix: `\nOTHER = "${secret}"\n`,
      feedback: `Use ${secret}`,
      context: [{ kind: 'similar', path: 'c.py', text: `t = "${secret}"` }],
    });
    server.script = { infill: () => ['return 1'] };
    await worker.close();
    worker = new CompletionWorker(entry, () => undefined);
    await connect();
    await worker.complete({
      ...place,
      prefix: `TOKEN = "${secret.slice(0, 20)}`,
      suffix: `${secret.slice(20)}"\n`,
    });
    const sent = server.received.map(({ body }) => JSON.stringify(body)).join('\n');
    assert.match(sent, /TOKEN/);
    assert.doesNotMatch(sent, /ghp_|Zx8Qw3|LzXcV3/);
  });

  it('stops the server’s writing once the completion has ended, and where a newer request comes', async () => {
    server.script = {
      slow: 30,
      completions: () => ['\n    return 1\n\n', ...Array<string>(200).fill('x\n')],
    };
    await connect();
    assert.equal((await worker.complete(place))?.text, 'return 1');
    await until(() => server.broken === 1);
    server.script = { slow: 30, completions: () => Array<string>(200).fill('    a') };
    const [old, newer] = await Promise.all([
      worker.complete({ ...place, prefix: 'x = ' }),
      later(200, () => {
        server.script = { completions: () => [' 2\n'] };
        return worker.complete({ ...place, prefix: 'y =' });
      }),
    ]);
    assert.equal(old, null);
    assert.equal(newer?.text, ' 2');
    await until(() => server.broken === 2);
  });

  it('sends the key as a bearer token, and to that server alone', async () => {
    server.script = { key: 'k1', completions: () => ['\n    return 1'] };
    await assert.rejects(connect(), /asks for another key \(401\)/);
    await connect('', 'k1');
    assert.equal((await worker.complete(place))?.text, 'return 1');
    const other = await ScriptedServer.start({});
    server.script = {
      instead: (_request, response) => response.writeHead(307, { location: `${other.url}/v1/models` }).end(),
    };
    await assert.rejects(connect('', 'k1'), /no OpenAI-compatible server/);
    assert.deepEqual(other.received, []);
    await other.stop();
  });

  it('says in one sentence what is wrong with a server', async () => {
    const cases: [Parameters<typeof connect>, ScriptedServer['script'], RegExp][] = [
      [['', null, 'localhost:8080'], {}, /no address of a server: it begins with http/],
      [['', null, 'http://u:p@localhost'], {}, /holds a password/],
      [['', null, ''], {}, /no address of a server: write it like/],
      [['', null, 'http://127.0.0.1:1'], {}, /cannot be reached/],
      [['other'], {}, /serves no model “other”: it has small/],
      [[], { models: [] }, /serves no model: load one there/],
      [
        [],
        { instead: (_, response) => response.writeHead(404).end('<html>') },
        /no OpenAI-compatible server/,
      ],
      [[], { instead: (_, response) => response.end('<html>') }, /lists no models/],
      [[], { instead: (_, response) => response.end('{"data":[{"id":7},null]}') }, /./],
    ];
    for (const [parameters, script, expected] of cases) {
      server.script = script;
      await assert.rejects(connect(...parameters), (error: Error) => {
        assert.match(error.message, expected);
        assert.equal(error.message.split('\n').length, 1);
        return true;
      });
    }
  });

  it('says in one sentence what goes wrong while it writes', async () => {
    const answers: [string, RegExp][] = [
      ['data: {"error":{"message":"out of memory"}}\n\n', /failed: out of memory\./],
      ['error: {"code":500,"message":"slot lost"}\n\n', /failed: slot lost\./],
      ['data: <html>\n\n', /no JSON/],
    ];
    await connect();
    for (const [body, expected] of answers) {
      server.script = { instead: (_, response) => response.end(body) };
      await assert.rejects(worker.complete(place), expected);
    }
    server.script = {
      instead: (_, response) => response.writeHead(503).end('{"error":{"message":"Loading"}}'),
    };
    await assert.rejects(worker.complete(place), /refuses \(503: Loading\)/);
    server.script = { completions: () => ['\n    return 1'] };
    assert.equal((await worker.complete(place))?.text, 'return 1');
  });

  it('finds the routes behind any address that is one', () => {
    for (const url of ['http://h:1', 'http://h:1/', 'http://h:1/v1', ' http://h:1/v1/ ', 'http://h:1/v1?x#y'])
      assert.equal(routeOf(baseOf(url), 'v1/models'), 'http://h:1/v1/models');
    assert.equal(routeOf(baseOf('https://h/llm/v1'), 'infill'), 'https://h/llm/infill');
  });

  it('reads a stream alike however it is cut into chunks', async () => {
    const stream = ['é', '日本', '', '\n  x'].map(
      (text) => `data: ${JSON.stringify({ content: text })}\r\n\r\n`,
    );
    const bytes = Buffer.from(`: ping\n\n${stream.join('')}data: {"content":"","stop":true}`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = (async function* () {
          for (let i = 1; i < at.length; i++) yield bytes.subarray(at[i - 1], at[i]);
        })();
        const read: string[] = [];
        let ended = false;
        for await (const piece of pieces(chunks, 'h')) {
          read.push(piece.text);
          ended = piece.ended;
        }
        assert.deepEqual([read, ended], [['é', '日本', '', '\n  x', ''], true]);
      }),
    );
  });
});

const later = <T>(milliseconds: number, work: () => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => setTimeout(() => work().then(resolve, reject), milliseconds));

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds());
}
