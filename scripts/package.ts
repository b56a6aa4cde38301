/**
 * Makes the .vsix of one platform and checks what is in it. `--target linux-x64` chooses the platform (this
 * machine's by default), `--out FILE` the file. What is packed is staged first, so that the checkout's own
 * node_modules never get in.
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as yauzl from 'yauzl';
import { root } from './build';
import { ensureNode, environmentWith } from './editor-tools';
import { writeNotices } from './notices';
import { checkContents, NOT_SHIPPED, UNWANTED_LIBRARY } from './package-contents';
import { run } from './process';

const stage = join(root, '.artifacts', 'package');
const VSCE_NEEDS_NODE = 22;

export interface Package {
  file: string;
  bytes: number;
}

/** @throws Error naming what is missing or too much */
export async function makePackage(target: string, out?: string): Promise<Package> {
  const [platform, arch] = target.split('-') as [string, string];
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const file = out ?? join(root, `hindsight-${manifest.version}-${target}.vsix`);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  await run(process.execPath, [
    require.resolve('tsx/cli'),
    join(root, 'scripts', 'build.ts'),
    '--production',
  ]);
  writeNotices(join(root, 'dist', 'third-party-notices.txt'));
  stageOwnFiles(manifest);
  stageNativeModules(platform, arch);
  // There is no public repository that the README's links could be made to point to.
  const links = ['--allow-missing-repository', '--no-rewrite-relative-links'];
  await vsce(['package', '--target', target, '--out', file, ...links]);
  const paths = (await filesIn(file))
    .filter((name) => name.startsWith('extension/'))
    .map((name) => name.slice('extension/'.length));
  const wrong = checkContents(paths, platform, arch);
  if (wrong.length > 0) throw new Error(`The package is not as it should be:\n  ${wrong.join('\n  ')}`);
  return { file, bytes: statSync(file).size };
}

/** Paths of the files in a zip file. @throws Error where it is damaged */
async function filesIn(zip: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { fileName } of (await yauzl.openPromise(zip)).eachEntry())
    if (!fileName.endsWith('/')) names.push(fileName);
  return names;
}

function stageOwnFiles(manifest: Record<string, unknown>): void {
  const { devDependencies, scripts, mocha, allowScripts, ...rest } = manifest;
  rest.dependencies = pick(manifest.dependencies as Record<string, string>, ['onnxruntime-node', 'sqlite3']);
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(rest, null, 2)}\n`);
  for (const name of ['CHANGELOG.md', 'LICENSE']) copy(name);
  writeFileSync(join(stage, 'README.md'), extensionPage());
  for (const name of readdirSync(join(root, 'dist')))
    if (!name.endsWith('.map') && !NOT_SHIPPED.includes(name)) copy(join('dist', name));
  for (const name of ['icon.png', 'icon.svg', 'pictures', 'walkthrough', 'model'])
    if (existsSync(join(root, 'media', name))) copy(join('media', name));
}

/**
 * The page that VS Code shows of the extension. It shows pictures from public addresses only, so without one (`--pictures URL`,
 * the address of media/pictures) they are left to the walkthrough, which shows those of the package.
 */
function extensionPage(): string {
  const url = option('--pictures');
  const page = readFileSync(join(root, 'docs', 'extension-page.md'), 'utf8');
  const picture = /!\[([^\]]*)\]\(\.\.\/media\/pictures\/([^)]+)\)\n\n/g;
  return page.replace(picture, (_, text: string, name: string) =>
    url ? `![${text}](${url}/${name})\n\n` : '',
  );
}

/** Only what is loaded at run time, with manifests that ask for nothing else. */
function stageNativeModules(platform: string, arch: string): void {
  const binaries = join('node_modules', 'onnxruntime-node', 'bin', 'napi-v6', platform, arch);
  if (!existsSync(join(root, binaries)))
    throw new Error(`onnxruntime-node has no binary for ${platform}-${arch}.`);
  if (platform !== process.platform || arch !== process.arch)
    throw new Error(`SQLite is compiled for this machine; make the package for ${platform}-${arch} there.`);
  stageModule('onnxruntime-node', ['onnxruntime-common'], [['dist', /\.js$/]]);
  for (const name of readdirSync(join(root, binaries)))
    if (!UNWANTED_LIBRARY.test(name)) copy(join(binaries, name));
  stageModule('onnxruntime-common', [], [[join('dist', 'cjs'), /\.js$|^package\.json$/]]);
  stageModule('sqlite3', ['bindings'], [['lib', /\.js$/]]);
  copy(join('node_modules', 'sqlite3', 'build', 'Release', 'node_sqlite3.node'));
  stageModule('bindings', ['file-uri-to-path'], [['.', /^bindings\.js$/]]);
  stageModule('file-uri-to-path', [], [['.', /^index\.js$/]]);
}

function stageModule(name: string, dependencies: string[], parts: [string, RegExp][]): void {
  const folder = join('node_modules', name);
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const { version, license, main, exports, type } = manifest;
  const kept = {
    name,
    version,
    license,
    main,
    exports,
    type,
    dependencies: pick(manifest.dependencies, dependencies),
  };
  const path = join(stage, folder, 'package.json');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`);
  for (const licence of ['LICENSE', 'LICENSE.md'])
    if (existsSync(join(root, folder, licence))) copy(join(folder, licence));
  for (const [part, pattern] of parts)
    for (const file of readdirSync(join(root, folder, part)))
      if (pattern.test(file)) copy(join(folder, part, file));
}

function pick(all: Record<string, string> | undefined, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, all?.[name] ?? '*']));
}

function copy(path: string): void {
  cpSync(join(root, path), join(stage, path), { recursive: true });
}

/** vsce wants Node 22: where ours is older, the one from the cache runs it. */
async function vsce(args: string[]): Promise<void> {
  const old = Number(process.versions.node.split('.')[0]) < VSCE_NEEDS_NODE;
  const node = old ? await ensureNode() : undefined;
  const program = join(dirname(require.resolve('@vscode/vsce/package.json')), 'vsce');
  const log = join(root, '.artifacts', 'vsce.log');
  rmSync(log, { force: true });
  await run(node?.node ?? process.execPath, [program, ...args], {
    cwd: stage,
    env: node ? environmentWith(node) : process.env,
    log,
  });
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at > 0 ? process.argv[at + 1] : undefined;
}

async function main(): Promise<void> {
  const target = option('--target') ?? `${process.platform}-${process.arch}`;
  try {
    const { file, bytes } = await makePackage(target, option('--out'));
    console.log(`${file} (${(bytes / 1e6).toFixed(1)} MB): holds what it must, and nothing else.`);
  } catch (error) {
    console.error(`package: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

if (require.main === module) main();
