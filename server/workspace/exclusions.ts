/** Which files are never read, stored or learned from. */

import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { filePath } from '../base/file-path';
import { globalIgnoreFile } from './git-config';
import { commonGitFolder } from './git-repository';

/** Files that hold secrets by their nature. */
const SENSITIVE = [
  '.env',
  '.env.*',
  '*.env',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.keystore',
  '*.kdbx',
  '*.ppk',
  '*.tfvars',
  '*.tfstate',
  'id_rsa*',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
  '.npmrc',
  '.netrc',
  '_netrc',
  '.pypirc',
  '.htpasswd',
  '.pgpass',
  '.git-credentials',
  'credentials',
  'secrets.*',
  '.ssh/',
  '.aws/',
  '.gnupg/',
  '.git/',
];

/** How long a folder's ignore file is believed without looking at it again, in ms. */
const FRESH_MS = 2_000;

interface Rules {
  checkedAt: number;
  stamp: number;
  rules: Ignore | null;
}

export class Exclusions {
  private own: Ignore;
  private readonly sensitive = ignore().add(SENSITIVE);
  private readonly cache = new Map<string, Rules>();

  /**
   * `folders` are absolute paths; `patterns` are globs as in .gitignore, relative to the workspace folder; `schemes` are
   * allowed besides files.
   */
  constructor(
    private folders: readonly string[],
    patterns: readonly string[],
    private readonly now: () => number = Date.now,
    private schemes: readonly string[] = [],
    private readonly globalIgnore = globalIgnoreFile(),
  ) {
    this.own = ignore().add([...patterns]);
  }

  update(folders: readonly string[], patterns: readonly string[], schemes: readonly string[] = []): void {
    this.folders = folders;
    this.own = ignore().add([...patterns]);
    this.schemes = schemes;
    this.cache.clear();
  }

  /** Why this document is left alone, or null where it may be learned from. */
  reason(uri: string): string | null {
    const path = filePath(uri);
    const shown = path === null ? this.elsewhere(uri) : this.shown(path);
    if (shown === null) {
      return 'it is no file on this machine';
    }
    if (shown === '') {
      return 'it is a folder';
    }
    if (this.sensitive.ignores(shown)) {
      return 'files of this kind hold secrets';
    }
    if (this.own.ignores(shown)) {
      return 'hindsight.exclude names it';
    }
    return path !== null && this.ignoredByGit(path) ? 'git ignores it' : null;
  }

  /** Whether the settings or its kind name a file. What git ignores may be read: a test report lies with what was built. */
  isNamed(uri: string): boolean {
    const path = filePath(uri);
    const shown = path === null ? '' : this.shown(path);
    return shown === '' || this.sensitive.ignores(shown) || this.own.ignores(shown);
  }

  /** The path in a URI of an allowed scheme; null for any other. */
  private elsewhere(uri: string): string | null {
    const [, scheme, path] = /^([a-z][a-z0-9+.-]*):(?:\/\/[^/]*)?\/*([^?#]*)/i.exec(uri) ?? [];
    return scheme && scheme !== 'file' && this.schemes.includes(scheme) ? decoded(path!) : null;
  }

  private shown(path: string): string {
    const folder = this.folders.find((f) => path === f || path.startsWith(f.endsWith(sep) ? f : f + sep));
    return slashed(folder ? relative(folder, path) : path.replace(/^([A-Za-z]:)?[\\/]+/, ''));
  }

  /** .gitignore files from the repository's root down to the file's folder; a deeper one has the last word. */
  private ignoredByGit(path: string): boolean {
    const chain: string[] = [];
    for (let at = dirname(path); ; at = dirname(at)) {
      chain.unshift(at);
      if (exists(join(at, '.git')) || dirname(at) === at) {
        break;
      }
    }
    const root = chain[0]!;
    if (!exists(join(root, '.git'))) {
      // No repository: the workspace folder's own ignore files still say what is not meant for others.
      const folder = this.folders.find((f) => path.startsWith(f + sep));
      chain.splice(0, folder ? chain.indexOf(folder) : chain.length - 1);
    }
    // A parent folder that is ignored cannot be brought back by a file in it.
    let ignored = false;
    for (const part of parents(chain[0]!, path)) {
      const inFolder = part.folder ? '/' : '';
      ignored = false;
      for (const at of chain) {
        const inside = slashed(relative(at, part.path));
        if (inside === '' || inside.startsWith('..')) {
          continue;
        }
        const everywhere =
          at === root ? [this.globalIgnore, join(commonGitFolder(root), 'info', 'exclude')] : [];
        for (const file of [...everywhere, join(at, '.gitignore')]) {
          const verdict = this.rulesOf(file)?.test(inside + inFolder);
          ignored = verdict?.ignored ? true : verdict?.unignored ? false : ignored;
        }
      }
      if (ignored) {
        return true;
      }
    }
    return ignored;
  }

  private rulesOf(file: string): Ignore | null {
    const known = this.cache.get(file);
    const now = this.now();
    if (known && now - known.checkedAt < FRESH_MS) {
      return known.rules;
    }
    const stamp = stampOf(file);
    if (known && known.stamp === stamp) {
      known.checkedAt = now;
      return known.rules;
    }
    const rules = stamp === 0 ? null : ignore().add(read(file));
    this.cache.set(file, { checkedAt: now, stamp, rules });
    return rules;
  }
}

/** The path's folders below `root`, outermost first, then the path itself. */
function parents(root: string, path: string): { path: string; folder: boolean }[] {
  const parts = relative(root, path).split(sep);
  return parts.map((_, i) => ({ path: join(root, ...parts.slice(0, i + 1)), folder: i < parts.length - 1 }));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}

function stampOf(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() ? found.mtimeMs + found.size : 0;
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
