/** A GPU in software: the GPU's path is tested without a GPU. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian's chromium keeps SwiftShader, a Vulkan device in software. */
const software = '/usr/lib/chromium';
const driver = join(software, 'vk_swiftshader_icd.json');

/** False where there is no such device; in CI that is an error. */
export function hasGraphicsDevice(): boolean {
  const there = existsSync(driver) || process.env.VK_ICD_FILENAMES !== undefined;
  if (!there && process.env.CI) throw new Error(`There is no ${driver}: chromium is not installed.`);
  return there;
}

/** The environment of a process that is to find it. */
export function graphicsEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env };
  if (existsSync(driver) && !env.VK_ICD_FILENAMES) {
    env.LD_LIBRARY_PATH = software;
    env.VK_ICD_FILENAMES = driver;
  }
  return env;
}
