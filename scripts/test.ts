/**
 * `npm test`: check, unit tests, package (which builds) and the end-to-end tests, then one summary. Every part runs
 * even where one before it failed, save those that need its result.
 */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build';
import { ensureChromium, ensureCodeServer, ensureNode } from './editor-tools';
import { makePackage } from './package';
import { exitStatus } from './process';

interface Part {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
}

const results = join(root, '.artifacts', 'test');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const ROOMS = ['--config', '.dependency-cruiser.cjs', 'server', 'extension', 'test', 'scripts'];
const E2E = ['--no-package', '--require', 'tsx/cjs', '--exit', 'test/e2e/**/*.test.ts'];

async function timed(name: string, body: () => Promise<Omit<Part, 'name' | 'seconds'>>): Promise<Part> {
  console.log(`\n── ${name} ──`);
  const started = Date.now();
  const failure = (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, skipped: 0 };
  };
  const counts = await body().catch(failure);
  return { name, ...counts, seconds: (Date.now() - started) / 1000 };
}

/** A command that passes or fails as a whole. */
async function command(program: string, ...args: string[]) {
  const status = await exitStatus(program, args, { cwd: root });
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

/** A run of mocha; one that ends without its counts, or with a status they do not explain, has failed. */
async function mocha(name: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const counts = join(results, `${name}.json`);
  rmSync(counts, { force: true });
  const reporter = ['--reporter', join(root, 'scripts', 'mocha-reporter.cjs')];
  const status = await exitStatus(bin('mocha'), [...reporter, ...args], {
    cwd: root,
    env: { ...process.env, ...env, HINDSIGHT_COUNTS: counts },
  });
  if (!existsSync(counts)) return { passed: 0, failed: 1, skipped: 0 };
  const { passes, failures, pending } = JSON.parse(readFileSync(counts, 'utf8'));
  const failed = status !== 0 && failures === 0 ? 1 : failures;
  return { passed: passes, failed, skipped: pending };
}

async function main(): Promise<void> {
  mkdirSync(results, { recursive: true });
  // Takes a minute the first time, most of it waiting: it may as well wait beside the checks.
  const tools = ensureNode().then((node) => Promise.all([ensureCodeServer(node), ensureChromium()]));
  tools.catch(() => {});
  const parts = [
    await timed('types', () => command(bin('tsc'), '--noEmit', '-p', '.')),
    await timed('lint and format', () => command(bin('biome'), 'check', '.')),
    await timed('imports go one way down', () => command(bin('depcruise'), ...ROOMS)),
    await timed('unit tests', () => mocha('unit', [])),
  ];
  parts.push(
    await timed('a real model', () =>
      mocha('real-model', ['--no-package', '--require', 'tsx/cjs', 'test/real-model/**/*.test.ts']),
    ),
  );
  let vsix = '';
  const packaged = await timed('package', async () => {
    const { file, bytes } = await makePackage(`${process.platform}-${process.arch}`);
    console.log(`${file} (${(bytes / 1e6).toFixed(1)} MB)`);
    vsix = file;
    return { passed: 1, failed: 0, skipped: 0 };
  });
  parts.push(packaged);
  parts.push(
    await timed('end to end', async () => {
      if (!vsix) throw new Error('There is no package to install, so this cannot run.');
      await tools;
      return mocha('e2e', E2E, { HINDSIGHT_VSIX: vsix });
    }),
  );
  parts.push(
    await timed('WebGPU', async () => {
      await tools;
      return mocha('webgpu', ['--no-package', '--require', 'tsx/cjs', 'test/webgpu/**/*.test.ts']);
    }),
  );
  summary(parts);
}

function summary(parts: Part[]): void {
  console.log('\n── summary ──');
  for (const { name, passed, failed, skipped, seconds } of parts) {
    const sign = failed > 0 ? '✗' : '✔';
    const rest = skipped > 0 ? `, ${skipped} skipped` : '';
    console.log(`${sign} ${name}: ${passed} passed, ${failed} failed${rest} (${Math.round(seconds)} s)`);
  }
  const total = (key: 'passed' | 'failed') => parts.reduce((sum, part) => sum + part[key], 0);
  console.log(`${total('passed')} passed, ${total('failed')} failed`);
  if (total('failed') > 0) process.exitCode = 1;
}

main();
