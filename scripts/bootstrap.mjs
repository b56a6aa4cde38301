/**
 * The door of `npm start` and `npm test` on a clean clone: plain Node and nothing installed. Installs the packages
 * where they are missing or older than the lock file, then runs the script of that name in TypeScript.
 */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [name, ...rest] = process.argv.slice(2);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Hindsight needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(1);
}

installPackages();
const tsx = createRequire(import.meta.url).resolve('tsx/cli');
const child = spawn(process.execPath, [tsx, join(root, 'scripts', `${name}.ts`), ...rest], {
  cwd: root,
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to the child too; it ends in its own time, and so do we.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));

function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules', '.hindsight-lock');
  const native = join(root, 'node_modules', 'sqlite3', 'build', 'Release', 'node_sqlite3.node');
  if (existsSync(native) && (!existsSync(stamp) || readFileSync(stamp, 'utf8') === lock)) return;
  console.log(
    'Installing the packages (npm ci); the first time SQLite may be compiled, which takes two minutes …',
  );
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    // Its post-install downloads CUDA libraries that nothing here uses.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', ...ownHeaders() },
  });
  if (status !== 0) {
    console.error('npm ci failed; its message above says why. Nothing else was done.');
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** Node's own headers where they came with it, so that compiling SQLite needs no download of them. */
function ownHeaders() {
  const home = join(dirname(realpathSync(process.execPath)), '..');
  if (process.env.npm_config_nodedir || !existsSync(join(home, 'include', 'node', 'node.h'))) return {};
  return { npm_config_nodedir: home };
}
