/** Which files are never read, stored or learned from. */
import { relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { filePath } from '../base/file-path';
import { globalIgnoreFile } from './git-config';
import { FRESH_MS, IgnoreFiles } from './ignore-files';
import { isSensitive } from './sensitive-files';

/** Verdicts that are remembered, at most. */
const MOST_KNOWN = 5_000;

export class Exclusions {
  private own: Ignore;
  private readonly ignoreFiles: IgnoreFiles;
  /** What was found out about documents, the latest last. */
  private readonly known = new Map<string, { at: number; reason: string | null }>();
  private readonly underWay = new Map<string, Promise<string | null>>();

  /**
   * `folders` are absolute paths; `patterns` are globs as in .gitignore, relative to the workspace folder; `schemes` are
   * allowed besides files.
   */
  constructor(
    private folders: readonly string[],
    patterns: readonly string[],
    private readonly now: () => number = Date.now,
    private schemes: readonly string[] = [],
    globalIgnore = globalIgnoreFile(),
  ) {
    this.own = ignore().add([...patterns]);
    this.ignoreFiles = new IgnoreFiles(now, globalIgnore);
  }

  update(folders: readonly string[], patterns: readonly string[], schemes: readonly string[] = []): void {
    this.folders = folders;
    this.own = ignore().add([...patterns]);
    this.schemes = schemes;
    this.ignoreFiles.clear();
    this.known.clear();
    this.underWay.clear();
  }

  /** Why this document is left alone, or null where it may be learned from. May read the disk at once: see `latest`. */
  reason(uri: string): string | null {
    const named = this.namedReason(uri);
    const path = filePath(uri);
    return named ?? (path !== null && this.ignoreFiles.ignoresNow(path, this.folders) ? IGNORED : null);
  }

  /** The same, read without holding up the event loop. */
  async check(uri: string): Promise<string | null> {
    const running = this.underWay.get(uri);
    if (running) {
      return running;
    }
    const check = this.checkNow(uri).finally(() => {
      if (this.underWay.get(uri) === check) this.underWay.delete(uri);
    });
    this.underWay.set(uri, check);
    return check;
  }

  /**
   * The verdict of the latest check, without a look at the disk; one that is older than two seconds is renewed behind it. Only
   * a document that nobody has asked about before is looked at here and now.
   */
  latest(uri: string): string | null {
    const known = this.known.get(uri);
    if (!known) {
      const reason = this.reason(uri);
      this.remember(uri, reason);
      return reason;
    }
    if (this.now() - known.at >= FRESH_MS) {
      void this.check(uri);
    }
    return known.reason;
  }

  /** As `latest`; of a document that nobody has asked about before, once it is found out. */
  async soon(uri: string): Promise<string | null> {
    return this.known.has(uri) ? this.latest(uri) : this.check(uri);
  }

  /** Whether the settings or its kind name a file. What git ignores may be read: a test report lies with what was built. */
  isNamed(uri: string): boolean {
    const path = filePath(uri);
    const shown = path === null ? '' : this.shown(path);
    return shown === '' || isSensitive(shown) || this.own.ignores(shown);
  }

  /** Whether a file lies in none of the workspace's folders. */
  isOutside(uri: string): boolean {
    const path = filePath(uri);
    return path !== null && this.folderOf(path) === undefined;
  }

  private async checkNow(uri: string): Promise<string | null> {
    const named = this.namedReason(uri);
    const path = filePath(uri);
    const ignored = named === null && path !== null && (await this.ignoreFiles.ignores(path, this.folders));
    const reason = named ?? (ignored ? IGNORED : null);
    this.remember(uri, reason);
    return reason;
  }

  private remember(uri: string, reason: string | null): void {
    this.known.delete(uri);
    this.known.set(uri, { at: this.now(), reason });
    if (this.known.size > MOST_KNOWN) this.known.delete(this.known.keys().next().value as string);
  }

  /** What the path alone says. */
  private namedReason(uri: string): string | null {
    const path = filePath(uri);
    const shown = path === null ? this.elsewhere(uri) : this.shown(path);
    if (shown === null) {
      return 'it is no file on this machine';
    }
    if (shown === '') {
      return 'it is a folder';
    }
    if (isSensitive(shown)) {
      return 'files of this kind hold secrets';
    }
    return this.own.ignores(shown) ? 'hindsight.exclude names it' : null;
  }

  /** The path in a URI of an allowed scheme; null for any other. */
  private elsewhere(uri: string): string | null {
    const [, scheme, path] = /^([a-z][a-z0-9+.-]*):(?:\/\/[^/]*)?\/*([^?#]*)/i.exec(uri) ?? [];
    return scheme && scheme !== 'file' && this.schemes.includes(scheme) ? decoded(path!) : null;
  }

  /** Relative to its workspace folder; the whole path without its root where it lies in none. */
  private shown(path: string): string {
    const folder = this.folderOf(path);
    return (folder ? relative(folder, path) : path.replace(/^([A-Za-z]:)?[\\/]+/, '')).split(sep).join('/');
  }

  private folderOf(path: string): string | undefined {
    const at = sameDrive(path);
    return this.folders.find((one) => {
      const folder = sameDrive(one);
      return at === folder || at.startsWith(folder.endsWith(sep) ? folder : folder + sep);
    });
  }
}

const IGNORED = 'git ignores it';

/** Windows' drive letters come in either case. */
function sameDrive(path: string): string {
  return path.replace(/^[A-Z](?=:)/, (letter) => letter.toLowerCase());
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
