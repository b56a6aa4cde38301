import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../../root';
import { ggufBytes } from '../model/files/gguf/writer';
import { removeFolders, temporaryFolder } from '../model/folders';
import { llamaTensors, settings } from '../model/gguf-models';
import { commit, HubServer, sha256 } from './hub-server';

const model = ggufBytes(settings, llamaTensors('Q8_0'));
const id = 'someone/Tiny-GGUF';

describe('fetching a model on the command line', function () {
  this.timeout(60_000);
  let home: string;
  let server: HubServer;
  const folder = () => join(home, '.cache/huggingface/hub/models--someone--Tiny-GGUF');
  const blob = () => join(folder(), 'blobs', sha256(model));

  beforeEach(async () => {
    home = temporaryFolder();
    server = new HubServer({ 'tiny-q8_0.gguf': { bytes: model, large: true } });
    await server.start();
  });
  afterEach(() => server.stop());
  after(removeFolders);

  const run = (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const environment: NodeJS.ProcessEnv = { ...process.env, HOME: home, USERPROFILE: home };
    for (const name of [
      'HF_HOME',
      'HF_HUB_CACHE',
      'XDG_CACHE_HOME',
      'HF_TOKEN',
      'HTTP_PROXY',
      'HTTPS_PROXY',
      'NO_PROXY',
      'http_proxy',
      'https_proxy',
      'no_proxy',
    ])
      delete environment[name];
    return spawn(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'server/cli.ts'), 'models', 'get', ...args],
      {
        env: { ...environment, HF_ENDPOINT: server.endpoint, ...env },
      },
    );
  };
  const ended = async (child: ChildProcess) => {
    let [out, err] = ['', ''];
    child.stdout!.on('data', (text) => (out += text));
    child.stderr!.on('data', (text) => (err += text));
    const [code] = await once(child, 'close');
    return { code, out, err };
  };

  it('says what it fetches, then where it is', async () => {
    const { code, out, err } = await ended(run([id, '--json']));
    assert.equal(code, 0, err);
    assert.match(
      err,
      new RegExp(
        `${id} from ${server.endpoint}/${id} .*\\n +licence: apache-2\\.0\\n +${server.endpoint}/${id}/resolve/main/tiny-q8_0\\.gguf +1 MB`,
      ),
    );
    assert.deepEqual(JSON.parse(out), {
      name: id,
      path: join(folder(), 'snapshots', commit, 'tiny-q8_0.gguf'),
      size: model.length,
      runs: true,
    });
  });

  it('goes on after its process was killed', async () => {
    server.answers.push((_request, response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 200_000));
    });
    const child = run([id]);
    const exited = once(child, 'exit');
    while (!existsSync(`${blob()}.incomplete`) || statSync(`${blob()}.incomplete`).size < 200_000)
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await exited;
    const { code, err } = await ended(run([id]));
    assert.equal(code, 0, err);
    assert.match(err, /1 MB of 1 MB are missing/);
    assert.equal(server.downloads.at(-1)!.range, 'bytes=200000-');
    assert.ok(readFileSync(blob()).equals(model));
  });

  it('goes through the proxy that the environment names', async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const upstream = connect(
        (server.endpoint.match(/\d+$/) ?? [])[0] as unknown as number,
        '127.0.0.1',
        () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          upstream.pipe(socket).pipe(upstream);
        },
      );
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { code, err } = await ended(run([id], { HF_ENDPOINT: 'http://hub.invalid', HTTP_PROXY: address }));
    proxy.closeAllConnections();
    proxy.close();
    assert.equal(code, 0, err);
    assert.ok(tunnels.length > 0 && tunnels.every((url) => url === 'hub.invalid:80'), String(tunnels));
  });

  it('lists what is worth fetching where no name is given', async () => {
    const { code, out } = await ended(run(['--json']));
    assert.equal(code, 0);
    const ids = JSON.parse(out).map((entry: { id: string }) => entry.id);
    assert.equal(ids[0], 'smollm2-135m');
    assert.deepEqual(server.requests, []);
  });

  it('fails with one sentence and 1, of bad use with 2', async () => {
    const failed = await ended(run(['nonsense']));
    assert.deepEqual([failed.code, failed.err.trim().split('\n').length], [1, 1]);
    assert.equal((await ended(run(['--bogus']))).code, 2);
  });
});
