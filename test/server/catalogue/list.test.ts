import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listModels } from '../../../server/catalogue/list';
import type { Machine } from '../../../server/catalogue/machine';
import { hubFolder } from '../../../server/catalogue/stores/hugging-face';
import { ROOT } from '../../root';
import { ggufBytes, type Setting } from '../model/files/gguf/writer';
import { removeFolders, temporaryFolder } from '../model/folders';
import { llamaTensors, settings } from '../model/gguf-models';
import { golden } from '../model/golden';

const digest = (character: string) => `sha256:${character.repeat(64)}`;

/** A small model that runs, as a GGUF file. */
const gguf = (more: Record<string, Setting> = {}) =>
  ggufBytes({ ...settings, ...more }, llamaTensors('Q8_0'));

function write(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** Every path below a folder with its size and time, to see that nothing was written. */
function state(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const stat = statSync(join(folder, name), { throwIfNoEntry: false });
      return `${name} ${stat?.size} ${stat?.mtimeMs}`;
    });
}

describe('the models on this machine', () => {
  let home: string;
  let machine: Machine;
  beforeEach(() => {
    home = temporaryFolder();
    machine = { platform: 'linux', home, env: {} };
  });
  after(removeFolders);
  const list = () => listModels([], machine).models;
  const only = () => {
    const [model, ...rest] = list();
    assert.deepEqual(rest, []);
    return model!;
  };

  describe('of Ollama', () => {
    const manifests = (...path: string[]) => join(home, '.ollama/models/manifests', ...path);
    const layer = (name: string, character: string) => ({
      mediaType: `application/vnd.ollama.image.${name}`,
      digest: digest(character),
      size: 10,
    });
    const blob = (character: string) =>
      join(home, '.ollama/models/blobs', digest(character).replace(':', '-'));
    const manifest = (path: string, ...layers: object[]) =>
      write(path, JSON.stringify({ schemaVersion: 2, config: layer('config', 'c'), layers }));

    it('are found through their manifests', () => {
      manifest(
        manifests('registry.ollama.ai', 'library', 'qwen2.5-coder', '0.5b'),
        layer('model', 'a'),
        layer('template', 'b'),
      );
      write(blob('a'), gguf({ 'general.file_type': { u32: 15 } }));
      write(blob('b'), '{{ if .Suffix }}<|fim_prefix|>{{ .Prompt }}{{ end }}');
      const before = state(home);
      assert.deepEqual(only(), {
        name: 'qwen2.5-coder:0.5b',
        path: blob('a'),
        store: 'ollama',
        layout: 'llama',
        size: statSync(blob('a')).size,
        precision: 'Q4_K_M',
        context: 128,
        parameters: only().parameters,
        fillInTheMiddle: true,
        runs: true,
        cost: null,
      });
      assert.ok(only().parameters! > 800_000);
      assert.deepEqual(state(home), before);
    });

    it('are named as Ollama names them', () => {
      for (const path of [
        ['registry.ollama.ai', 'library', 'smollm2', '135m'],
        ['registry.ollama.ai', 'someone', 'tuned', 'latest'],
        ['hf.co', 'bartowski', 'SmolLM2-GGUF', 'Q8_0'],
      ])
        manifest(manifests(...path), layer('model', path[1]!.length.toString(16)));
      for (const c of ['7', '9']) write(blob(c), gguf());
      const found = list();
      assert.deepEqual(
        found.map((m) => m.name),
        ['hf.co/bartowski/SmolLM2-GGUF:Q8_0', 'smollm2:135m', 'someone/tuned:latest'].filter(
          (_, i) => i !== 2,
        ),
        'models that are the same file are listed once',
      );
    });

    it('say why they do not run', () => {
      manifest(manifests('registry.ollama.ai', 'library', 'gone', 'latest'), layer('model', 'a'));
      manifest(manifests('registry.ollama.ai', 'library', 'other', 'latest'), layer('model', 'b'));
      write(manifests('registry.ollama.ai', 'library', 'torn', 'latest'), '{"layers": [');
      manifest(manifests('registry.ollama.ai', 'library', 'cloud', 'latest'), layer('license', 'd'));
      manifest(manifests('registry.ollama.ai', 'library', 'escaping', 'latest'), {
        mediaType: 'application/vnd.ollama.image.model',
        digest: 'sha256:../../../../etc/passwd',
      });
      write(blob('b'), gguf({ 'general.architecture': { text: 'gemma3' } }));
      const found = new Map(list().map((m) => [m.name, m]));
      assert.match(String(found.get('gone:latest')!.runs), /is missing: run `ollama pull gone:latest`/);
      assert.match(
        String(found.get('other:latest')!.runs),
        /the architecture "gemma3", which Hindsight cannot run/,
      );
      assert.equal(found.get('other:latest')!.layout, 'gemma3');
      assert.match(String(found.get('torn:latest')!.runs), /is no manifest: run `ollama pull torn:latest`/);
      assert.ok(!found.has('cloud:latest') && !found.has('escaping:latest'));
    });

    it('are looked for where OLLAMA_MODELS says', () => {
      machine = { ...machine, env: { OLLAMA_MODELS: '~/elsewhere' } };
      const folder = join(home, 'elsewhere');
      manifest(join(folder, 'manifests/registry.ollama.ai/library/m/latest'), layer('model', 'a'));
      write(join(folder, 'blobs', digest('a').replace(':', '-')), gguf());
      assert.equal(only().name, 'm:latest');
    });

    it('may be out of reach, which is said', () => {
      const folder = manifests();
      mkdirSync(dirname(folder), { recursive: true });
      // A link to itself cannot be followed by anyone.
      symlinkSync(folder, folder);
      const { models, unreadable } = listModels([], machine);
      assert.deepEqual(models, []);
      assert.deepEqual(unreadable, [
        { path: folder, reason: `${folder} cannot be read (ELOOP): its models are not listed.` },
      ]);
    });
  });

  describe('of LM Studio', () => {
    const put = (base: string) => {
      write(join(base, 'models/lmstudio-community/Qwen2.5-Coder-GGUF/qwen-Q8_0.gguf'), gguf());
      write(join(base, 'models/lmstudio-community/Qwen2.5-Coder-GGUF/mmproj-model-f16.gguf'), 'x');
      write(join(base, 'models/lmstudio-community/Qwen2.5-Coder-GGUF/README.md'), 'x');
    };
    const expected = { name: 'lmstudio-community/qwen-Q8_0', store: 'lm-studio', runs: true };
    const check = () => {
      const { name, store, runs } = only();
      assert.deepEqual({ name, store, runs }, expected);
    };

    it('lie in ~/.lmstudio', () => {
      put(join(home, '.lmstudio'));
      check();
    });

    it('lie in ~/.cache/lm-studio where that is there', () => {
      put(join(home, '.cache/lm-studio'));
      mkdirSync(join(home, '.lmstudio/models'), { recursive: true });
      check();
    });

    it('lie where ~/.lmstudio-home-pointer says', () => {
      put(join(home, 'moved'));
      mkdirSync(join(home, '.cache/lm-studio/models'), { recursive: true });
      writeFileSync(join(home, '.lmstudio-home-pointer'), `${join(home, 'moved')}\n`);
      check();
    });

    it('in several parts are listed once, with the reason', () => {
      const folder = join(home, '.lmstudio/models/p/Large');
      for (const part of ['00001', '00002', '00003'])
        write(join(folder, `large-${part}-of-00003.gguf`), gguf({ 'split.count': { u32: 3 } }));
      assert.match(String(only().runs), /is one of 3 parts of a model/);
    });
  });

  describe('of the Hugging Face cache', () => {
    /** A model as the cache has it: links into blobs. */
    const put = (
      hub: string,
      name: string,
      { commit = 'abc', ref = 'main', without = [] as string[] } = {},
    ) => {
      const repository = join(hub, `models--${name.replace('/', '--')}`);
      const snapshot = join(repository, 'snapshots', commit);
      mkdirSync(snapshot, { recursive: true });
      for (const file of ['config.json', 'tokenizer.json', 'model.safetensors']) {
        if (without.includes(file)) continue;
        const blob = join(repository, 'blobs', `${commit}-${file}`);
        mkdirSync(dirname(blob), { recursive: true });
        cpSync(join(golden('qwen2'), file), blob);
        symlinkSync(`../../blobs/${commit}-${file}`, join(snapshot, file));
      }
      if (ref) write(join(repository, 'refs', ref), commit);
      return snapshot;
    };

    it('are found by their current snapshot', () => {
      const hub = join(home, '.cache/huggingface/hub');
      put(hub, 'Qwen/Tiny', { commit: 'old', ref: '' });
      const snapshot = put(hub, 'Qwen/Tiny', { commit: 'new' });
      mkdirSync(join(hub, 'datasets--a--b'), { recursive: true });
      const model = only();
      assert.deepEqual(
        [model.name, model.path, model.layout, model.precision, model.runs, model.fillInTheMiddle],
        ['Qwen/Tiny', snapshot, 'qwen2', 'F32', true, true],
      );
      assert.equal(model.size, statSync(join(snapshot, 'model.safetensors')).size);
    });

    it('that are not whole give way to an earlier one that is, or say what they lack', () => {
      const hub = join(home, '.cache/huggingface/hub');
      const whole = put(hub, 'a/Earlier', { commit: 'old', ref: '' });
      put(hub, 'a/Earlier', { commit: 'new', without: ['model.safetensors'] });
      put(hub, 'b/Begun', { without: ['tokenizer.json'] });
      const dangling = put(hub, 'c/Dangling');
      rmSync(join(hub, 'models--c--Dangling/blobs/abc-model.safetensors'));
      const found = new Map(list().map((m) => [m.name, m]));
      assert.equal(found.get('a/Earlier')!.path, whole);
      assert.equal(found.get('a/Earlier')!.runs, true);
      assert.match(String(found.get('b/Begun')!.runs), /lacks tokenizer\.json: download its remaining files/);
      assert.equal(found.get('c/Dangling')!.path, dangling);
      assert.match(String(found.get('c/Dangling')!.runs), /lacks model\.safetensors/);
    });

    it('in shards need every shard', () => {
      const hub = join(home, '.cache/huggingface/hub');
      const snapshot = put(hub, 'a/Sharded', { without: ['model.safetensors'] });
      const index = { weight_map: { x: 'model-1.safetensors', y: 'model-2.safetensors' } };
      writeFileSync(join(snapshot, 'model.safetensors.index.json'), JSON.stringify(index));
      write(join(snapshot, 'model-1.safetensors'), 'x');
      assert.match(String(only().runs), /lacks model-2\.safetensors/);
    });

    it('may be GGUF files', () => {
      const hub = join(home, '.cache/huggingface/hub');
      const folder = join(hub, 'models--ggml-org--Tiny-GGUF/snapshots/abc');
      write(join(folder, 'tiny-q8_0.gguf'), gguf());
      write(join(hub, 'models--ggml-org--Tiny-GGUF/refs/main'), 'abc');
      assert.deepEqual([only().name, only().runs], ['ggml-org/Tiny-GGUF', true]);
      write(join(folder, 'tiny-q4_0.gguf'), gguf());
      assert.deepEqual(
        list().map((m) => m.name),
        ['ggml-org/Tiny-GGUF/tiny-q4_0', 'ggml-org/Tiny-GGUF/tiny-q8_0'],
      );
    });

    it('lie where the environment says', () => {
      const at = (env: Machine['env']) => hubFolder({ ...machine, env });
      assert.equal(at({}), join(home, '.cache/huggingface/hub'));
      assert.equal(at({ XDG_CACHE_HOME: '/x' }), '/x/huggingface/hub');
      assert.equal(at({ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }), '/h/hub');
      assert.equal(at({ HF_HOME: '/h', HF_HUB_CACHE: '~/c' }), join(home, 'c'));
      put(join(home, 'c'), 'a/B');
      machine = { ...machine, env: { HF_HUB_CACHE: join(home, 'c') } };
      assert.equal(only().name, 'a/B');
    });
  });

  describe('of llama.cpp', () => {
    const at = (platform: NodeJS.Platform, env: Machine['env'], folder: string) => {
      machine = { platform, home, env };
      write(join(home, folder, 'ggml-org_tiny-q8_0.gguf'), gguf());
      write(join(home, folder, 'ggml-org_tiny-q8_0.gguf.json'), '{}');
      write(join(home, folder, 'other.gguf.downloadInProgress'), 'x');
      const { name, store, runs } = only();
      assert.deepEqual({ name, store, runs }, { name: 'ggml-org_tiny-q8_0', store: 'llama.cpp', runs: true });
    };
    it('lie in its cache on Linux', () => at('linux', {}, '.cache/llama.cpp'));
    it('lie in its cache on a Mac', () => at('darwin', {}, 'Library/Caches/llama.cpp'));
    it('lie in its cache on Windows', () => at('win32', {}, 'AppData/Local/llama.cpp'));
    it('lie where LLAMA_CACHE says', () => at('linux', { LLAMA_CACHE: '~/lc' }, 'lc'));

    it('may be damaged, which is the reason', () => {
      write(join(home, '.cache/llama.cpp/torn.gguf'), gguf().subarray(0, 9000));
      write(join(home, '.cache/llama.cpp/not.gguf'), 'hello');
      const found = list();
      assert.match(String(found[0]!.runs), /does not begin with GGUF/);
      assert.match(String(found[1]!.runs), /is not a usable GGUF file/);
      assert.equal(found[1]!.size, 9000);
    });
  });

  it('are none where no program has any', () => {
    assert.deepEqual(listModels([], machine), { models: [], unreadable: [] });
  });

  it('are listed on the command line, with the one that comes along, and what each costs', function () {
    this.timeout(60_000);
    write(join(home, '.cache/llama.cpp/tiny.gguf'), gguf());
    const environment: NodeJS.ProcessEnv = { ...process.env, HOME: home, USERPROFILE: home };
    for (const name of [
      'OLLAMA_MODELS',
      'HF_HOME',
      'HF_HUB_CACHE',
      'XDG_CACHE_HOME',
      'LLAMA_CACHE',
      'LOCALAPPDATA',
    ])
      delete environment[name];
    const run = (...more: string[]) =>
      execFileSync(process.execPath, ['--import', 'tsx', join(ROOT, 'server/cli.ts'), 'models', ...more], {
        env: environment,
        encoding: 'utf8',
      });
    const listed = JSON.parse(run('--json'));
    for (const { cost } of listed) assert.ok(cost.firstLineMs > 0 && cost.roundMinutes > 0);
    // The machine is not measured again.
    assert.deepEqual(JSON.parse(run('--json')), listed);
    assert.deepEqual(
      listed.map((m: { name: string; runs: unknown }) => [m.name, m.runs]),
      [
        ['embedded', true],
        ['tiny', true],
      ],
    );
    assert.match(
      run(),
      /tiny {2}\(llama\.cpp\)\n.*tiny\.gguf\n {2}llama, Q8_0, 1 MB, context 128, .*\n {2}runs here/,
    );
  });
});
