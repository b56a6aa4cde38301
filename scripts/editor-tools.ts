/**
 * What the end-to-end tests and `npm start` need and npm alone does not bring: Node 24, code-server (which holds a
 * whole VS Code) and Chromium. `tsx scripts/editor-tools.ts` installs all three.
 */

import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ensure, withLock } from './cache';
import { exitStatus, run } from './process';
import { closeProposedApi } from './stock-proposals';

const NODE_VERSION = '24.21.0';
const CODE_SERVER_VERSION = '4.139.1';
/** Raised when the steps below change, so that an older copy in the cache is not taken for a new one. */
const RECIPE = 2;

export interface NodeTool {
  /** Folder with the `node` binary, to be put first on PATH. */
  bin: string;
  /** Folder with include/, for node-gyp. */
  headers: string;
  node: string;
}

const windows = process.platform === 'win32';
const npm = windows ? 'npm.cmd' : 'npm';

/** Environment in which `node` is the given one. */
export function environmentWith(tool: NodeTool): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${tool.bin}${delimiter}${process.env.PATH ?? ''}`,
    npm_config_nodedir: tool.headers,
  };
}

/** Node 24: code-server and vsce want it, whichever Node runs this. */
export async function ensureNode(): Promise<NodeTool> {
  const platform = windows ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = await ensure(`node-${NODE_VERSION}`, `Node ${NODE_VERSION}`, async (partial, log) => {
    writeFileSync(join(partial, 'package.json'), '{"private":true}\n');
    await run(npm, ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${NODE_VERSION}`], {
      cwd: partial,
      log,
    });
    const binary = join(partial, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
    if (!windows) chmodSync(binary, 0o755);
  });
  const home = join(folder, 'node_modules', name);
  return { bin: join(home, 'bin'), headers: home, node: join(home, 'bin', windows ? 'node.exe' : 'node') };
}

/** code-server from npm, without its post-install, its proposed-API gate closed as in a stock VS Code. */
export async function ensureCodeServer(node: NodeTool): Promise<string> {
  const name = `code-server-${CODE_SERVER_VERSION}-r${RECIPE}`;
  const folder = await ensure(name, `code-server ${CODE_SERVER_VERSION}`, async (partial, log) => {
    const env = environmentWith(node);
    writeFileSync(join(partial, 'package.json'), '{"private":true}\n');
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts'];
    await run(npm, ['install', ...quiet, `code-server@${CODE_SERVER_VERSION}`], { cwd: partial, env, log });
    const vscode = join(partial, 'node_modules', 'code-server', 'lib', 'vscode');
    console.log('  … its editor’s own packages');
    await run(npm, ['install', '--omit=dev', ...quiet], { cwd: vscode, env, log });
    // TypeScript, for the language features of JavaScript and TypeScript.
    await run(npm, ['install', '--omit=dev', ...quiet], { cwd: join(vscode, 'extensions'), env, log });
    console.log('  … its native modules');
    for (const native of ['@vscode/spdlog', '@vscode/native-watchdog'])
      await run(node.node, [nodeGyp(), 'rebuild'], { cwd: join(vscode, 'node_modules', native), env, log });
    link('code-linux.sh', join(vscode, 'bin', 'remote-cli', 'code-server'));
    link('browser-linux.sh', join(vscode, 'bin', 'helpers', 'browser.sh'));
    closeProposedApi(vscode);
  });
  return join(folder, 'node_modules', 'code-server');
}

/** node-gyp of this checkout (sqlite3 brings it), so that none has to be installed. */
function nodeGyp(): string {
  return join(dirname(require.resolve('node-gyp/package.json')), 'bin', 'node-gyp.js');
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

/** Path of a Chromium; Debian's own is installed where there is none and this user may. */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  if (found) return found;
  await withLock('chromium', async () => {
    if (!findChromium()) await installChromium();
  });
  const installed = findChromium();
  if (installed) return installed;
  throw new Error(
    'No Chromium or Chrome was found. Install one, or set HINDSIGHT_CHROMIUM to the path of its binary.',
  );
}

function findChromium(): string | undefined {
  const given = process.env.HINDSIGHT_CHROMIUM;
  if (given) return existsSync(given) ? given : undefined;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin');
  for (const folder of folders)
    for (const name of names) if (isExecutable(join(folder, name))) return join(folder, name);
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return existsSync(mac) ? mac : undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function installChromium(): Promise<void> {
  if (!isExecutable('/usr/bin/apt-get')) return;
  const root = process.getuid?.() === 0;
  const prefix = root ? [] : ['sudo', '-n'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = async (...args: string[]) => {
    const [command, ...rest] = [...prefix, 'apt-get', ...args] as [string, ...string[]];
    return exitStatus(command, rest, { env, log: join(process.env.TMPDIR || '/tmp', 'hindsight-apt.log') });
  };
  console.log('Installing Debian’s chromium (apt-get) …');
  const packages = ['chromium', 'fonts-dejavu-core'];
  if ((await apt('update', '-q')) !== 0) console.log('  apt-get update failed; trying with what it knows.');
  if ((await apt('install', '-y', '-q', '--no-install-recommends', ...packages)) !== 0)
    console.log('  apt-get could not install it.');
}

/** Version of the VS Code inside a code-server. */
export function editorVersion(codeServer: string): string {
  const manifest = JSON.parse(readFileSync(join(codeServer, 'lib', 'vscode', 'package.json'), 'utf8'));
  return String(manifest.version);
}

async function main(): Promise<void> {
  const node = await ensureNode();
  console.log(`node        ${node.node}`);
  const [codeServer, chromium] = await Promise.all([ensureCodeServer(node), ensureChromium()]);
  console.log(`code-server ${codeServer} (VS Code ${editorVersion(codeServer)})`);
  console.log(`chromium    ${chromium}`);
}

if (require.main === module) main();
