/** The developer's own ignore file, which git reads in every repository. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `core.excludesFile` of the user's git configuration, or where git looks without it. */
export function globalIgnoreFile(env: NodeJS.ProcessEnv = process.env, home = homedir()): string {
  const folder = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'git');
  const configured = [join(folder, 'config'), join(home, '.gitconfig')]
    .map((file) => excludesFileIn(file))
    .findLast((path) => path !== undefined);
  return configured === undefined
    ? join(folder, 'ignore')
    : resolve(home, configured.replace(/^~(?=[\\/])/, home));
}

const MOST_CHARACTERS = 200_000;
const LONGEST_LINE = 1_000;

function excludesFileIn(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  let core = false;
  let found: string | undefined;
  for (const line of text.slice(0, MOST_CHARACTERS).split(/\r?\n/)) {
    if (line.length > LONGEST_LINE) {
      continue;
    }
    const section = /^\s*\[\s*([^\]"\s]+)/.exec(line)?.[1];
    if (section) {
      core = section.toLowerCase() === 'core';
    }
    const value = core ? /^\s*excludesfile\s*=\s*("?)(.*?)\1\s*$/i.exec(line)?.[2] : undefined;
    found = value || found;
  }
  return found;
}
