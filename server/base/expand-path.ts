/** Paths as people write them into settings. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** `$NAME`, `${NAME}`, `${env:NAME}` and `%NAME%`. */
const VARIABLE = /\$\{(?:env:)?(\w+)\}|\$(\w+)|%(\w+)%/g;

/**
 * The absolute path that is meant: `~` is the home folder, variables of the environment are filled in, and what is relative
 * starts from `folder`. An unknown variable stays as it is written, so that a message can show it; empty stays empty.
 *
 * @param folder the workspace folder; the home folder where there is none
 */
export function expandPath(
  text: string,
  folder: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
  home = homedir(),
): string {
  const filled = text
    .trim()
    .replace(VARIABLE, (whole, braced, plain, percent) => env[braced ?? plain ?? percent] ?? whole);
  if (filled === '') return '';
  if (filled === '~') return home;
  if (/^~[/\\]/.test(filled)) return join(home, filled.slice(2));
  return isAbsolute(filled) ? filled : resolve(folder ?? home, filled);
}
