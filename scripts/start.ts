/**
 * `npm start`: builds, and opens an editor with the extension on a copy of the sample project: desktop VS Code where
 * `code` is on the PATH, else code-server in the browser. Ctrl-C ends it. `--browser` takes code-server in any case;
 * `--fresh` starts with the sample untouched and nothing learned.
 *
 * `npm run dev` is the same with `--dev`: the extension runs from this checkout, each change is built at once, and the
 * editor takes it up by itself.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, watchBuilds } from './build';
import { cacheRoot } from './cache';
import {
  environmentOf,
  folderArguments,
  freePort,
  programOf,
  serverArguments,
  userSettingsFile,
} from './code-server';
import { QUIET_SETTINGS } from './editor-settings';
import { ensureCodeServer, ensureNode } from './editor-tools';
import { makePackage } from './package';
import { run } from './process';
import { ensureSmolLM2 } from './smollm2';

const PREFERRED_PORT = 8811;

const dev = process.argv.includes('--dev');

/** The playground outlives this run: what was learned there stays. */
const playground = join(cacheRoot(), 'playground');

async function main(): Promise<void> {
  const sample = join(playground, 'sample');
  if (process.argv.includes('--fresh')) rmSync(playground, { recursive: true, force: true });
  if (!existsSync(sample)) cpSync(join(root, 'test', 'workspaces', 'sample'), sample, { recursive: true });
  const desktop = !process.argv.includes('--browser') && hasCode();
  const model = await ensureSmolLM2();
  console.log(
    model
      ? 'The sample opens on SmolLM2-135M; Choose Model in the status bar has others.'
      : 'The sample opens on the small model that comes along; the editor offers a better one.',
  );
  const child = desktop ? await startDesktop(sample, model) : await startBrowser(sample, model);
  console.log('What to try is in the sample’s README.md. Ctrl-C ends it.');
  const stop = () => child.kill('SIGTERM');
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  child.on('exit', (code) => process.exit(code ?? 0));
}

function hasCode(): boolean {
  const lookup = process.platform === 'win32' ? 'where' : 'which';
  return spawnSync(lookup, ['code'], { stdio: 'ignore' }).status === 0;
}

/** Desktop VS Code with a profile of its own, the extension straight from this checkout. */
async function startDesktop(sample: string, model: string | null): Promise<ChildProcess> {
  if (dev) await watchBuilds();
  else await run(process.execPath, [require.resolve('tsx/cli'), join(root, 'scripts', 'build.ts')]);
  writeSettings(join(playground, 'code', 'User', 'settings.json'), {}, model);
  console.log('Opening VS Code …');
  const args = [
    `--extensionDevelopmentPath=${root}`,
    ...['--user-data-dir', join(playground, 'code')],
    ...['--disable-workspace-trust', '--new-window', '--wait', sample],
    join(sample, 'README.md'),
  ];
  return spawn('code', args, { stdio: 'inherit', shell: process.platform === 'win32' });
}

/** code-server from the cache, the packaged extension installed in it, or (`--dev`) run from this checkout. */
async function startBrowser(sample: string, model: string | null): Promise<ChildProcess> {
  const node = await ensureNode();
  const codeServer = await ensureCodeServer(node);
  const program = programOf(codeServer);
  mkdirSync(playground, { recursive: true });
  const home = join(playground, dev ? 'code-server-dev' : 'code-server');
  writeSettings(userSettingsFile(home), QUIET_SETTINGS, model);
  const env = environmentOf(node, home);
  if (dev) await watchBuilds();
  else await installPackage(node.node, program, home, env);
  const port = await freePort(PREFERRED_PORT);
  // A VS Code in the browser runs an extension from its folder only where it is itself under test.
  const forDev = dev ? ['--vscode-option', 'enable-smoke-test-driver'] : [];
  const child = spawn(node.node, [program, ...serverArguments(home, port), ...forDev], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const authority = `127.0.0.1:${port}`;
  await untilAnswers(`http://${authority}/healthz`, child);
  const remote = (path: string) => `vscode-remote://${authority}${path}`;
  const payload = [['openFile', remote(join(sample, 'README.md'))]];
  if (dev) payload.push(['extensionDevelopmentPath', remote(root)]);
  const query = `folder=${encodeURIComponent(sample)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
  console.log(`\nOpen this in a browser:  http://${authority}/?${query}\n`);
  return child;
}

/** User settings of an editor that was not started before; what a person changed since stays. */
function writeSettings(file: string, settings: Record<string, unknown>, model: string | null): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const chosen = model ? { 'hindsight.model.path': model } : { 'hindsight.model.offer': true };
  writeFileSync(file, JSON.stringify({ ...settings, ...chosen }, null, 2));
}

/** The address is printed once it can be opened. @throws Error where the server ends first, or says nothing for a minute */
async function untilAnswers(address: string, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(200)) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) return;
    if (child.exitCode !== null) throw new Error('code-server ended; its message above says why.');
    if (Date.now() > deadline) throw new Error(`code-server does not answer at ${address}.`);
  }
}

async function installPackage(
  node: string,
  program: string,
  home: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const target = `${process.platform}-${process.arch}`;
  const { file } = await makePackage(target, join(playground, `hindsight-${target}.vsix`));
  await run(node, [program, ...folderArguments(home), '--install-extension', file, '--force'], {
    env,
    log: join(home, 'install.log'),
  });
}

main().catch((error) => {
  console.error(`start: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
