/** What git ignores, as its files say: read again when they have changed, without holding up the event loop where that matters. */
import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** How long a file is believed without looking at it again, in ms. */
export const FRESH_MS = 2_000;

interface Known {
  checkedAt: number;
  /** Changes with the file; empty where there is none. */
  stamp: string;
  content: string;
  rules: Ignore | null;
}

/** What a look at the disk wants to know; answered at once or later, by the same code. */
type Request = { stat: string } | { read: string };
type Stat = { stamp: string; exists: boolean };
type Look<T> = Generator<Request, T, Stat | string>;

export class IgnoreFiles {
  private readonly files = new Map<string, Known>();
  /** Folders in which a checkout begins, or not. */
  private readonly roots = new Map<string, { checkedAt: number; isRoot: boolean }>();

  /** @param globalIgnore the developer's own ignore file, which git reads in every repository */
  constructor(
    private readonly now: () => number,
    private readonly globalIgnore: string,
  ) {}

  clear(): void {
    this.files.clear();
    this.roots.clear();
  }

  /** Whether git ignores a file. Reads the disk at once, where what is known is older than two seconds. */
  ignoresNow(path: string, folders: readonly string[]): boolean {
    const look = this.look(path, folders);
    let step = look.next();
    while (!step.done) {
      step = look.next('stat' in step.value ? statNow(step.value.stat) : readNow(step.value.read));
    }
    return step.value;
  }

  /** The same, without holding up anybody. */
  async ignores(path: string, folders: readonly string[]): Promise<boolean> {
    const look = this.look(path, folders);
    let step = look.next();
    while (!step.done) {
      step = look.next(
        await ('stat' in step.value ? statLater(step.value.stat) : readLater(step.value.read)),
      );
    }
    return step.value;
  }

  /** .gitignore files from the repository's root down to the file's folder; a deeper one has the last word. */
  private *look(path: string, folders: readonly string[]): Look<boolean> {
    const chain: string[] = [];
    let isRepository = false;
    for (let at = dirname(path); ; at = dirname(at)) {
      chain.unshift(at);
      isRepository = yield* this.isRoot(at);
      if (isRepository || dirname(at) === at) {
        break;
      }
    }
    const root = chain[0]!;
    if (!isRepository) {
      // No repository: the workspace folder's own ignore files still say what is not meant for others.
      const folder = folders.find((one) => path.startsWith(one + sep));
      chain.splice(0, folder ? chain.indexOf(folder) : chain.length - 1);
    }
    const rules: { at: string; rules: Ignore }[] = [];
    for (const at of chain) {
      const everywhere =
        isRepository && at === root
          ? [this.globalIgnore, join(yield* this.commonFolder(root), 'info', 'exclude')]
          : [];
      for (const file of [...everywhere, join(at, '.gitignore')]) {
        const known = yield* this.file(file);
        if (known.rules) rules.push({ at, rules: known.rules });
      }
    }
    return isIgnored(chain[0]!, path, rules);
  }

  private *isRoot(folder: string): Look<boolean> {
    const known = this.roots.get(folder);
    if (known && this.isFresh(known)) {
      return known.isRoot;
    }
    const { exists } = (yield { stat: join(folder, '.git') }) as Stat;
    this.roots.set(folder, { checkedAt: this.now(), isRoot: exists });
    return exists;
  }

  /** The folder that all worktrees of a checkout share, with the patterns that are ignored in every one of them. */
  private *commonFolder(checkout: string): Look<string> {
    const git = join(checkout, '.git');
    // A worktree or submodule: a file that says where the folder is.
    const pointer = /^gitdir: (.+)$/m.exec((yield* this.file(git)).content)?.[1];
    const own = pointer ? resolve(checkout, pointer.trim()) : git;
    const common = (yield* this.file(join(own, 'commondir'))).content.trim();
    return common === '' ? own : resolve(own, common);
  }

  /** A file as it is, or as it was within the last two seconds. */
  private *file(path: string): Look<Known> {
    const known = this.files.get(path);
    if (known && this.isFresh(known)) {
      return known;
    }
    const { stamp } = (yield { stat: path }) as Stat;
    if (known && known.stamp === stamp) {
      known.checkedAt = this.now();
      return known;
    }
    const content = stamp === '' ? '' : ((yield { read: path }) as string).slice(0, MOST_CHARACTERS);
    const found = {
      checkedAt: this.now(),
      stamp,
      content,
      rules: stamp === '' ? null : ignore().add(content),
    };
    this.files.set(path, found);
    return found;
  }

  private isFresh({ checkedAt }: { checkedAt: number }): boolean {
    return this.now() - checkedAt < FRESH_MS;
  }
}

/** A parent folder that is ignored cannot be brought back by a file in it. */
function isIgnored(from: string, path: string, rules: readonly { at: string; rules: Ignore }[]): boolean {
  let ignored = false;
  for (const part of partsOf(from, path)) {
    ignored = false;
    for (const { at, rules: own } of rules) {
      const inside = relative(at, part.path).split(sep).join('/');
      if (inside === '' || inside.startsWith('..')) {
        continue;
      }
      const verdict = own.test(inside + (part.isFolder ? '/' : ''));
      ignored = verdict.ignored ? true : verdict.unignored ? false : ignored;
    }
    if (ignored) {
      return true;
    }
  }
  return ignored;
}

/** The path's folders below `root`, outermost first, then the path itself. */
function partsOf(root: string, path: string): { path: string; isFolder: boolean }[] {
  const parts = relative(root, path).split(sep);
  return parts.map((_, i) => ({
    path: join(root, ...parts.slice(0, i + 1)),
    isFolder: i < parts.length - 1,
  }));
}

const NOTHING: Stat = { stamp: '', exists: false };

/** What a file points at may lie below another file, or be no path at all. */
function statNow(path: string): Stat {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found ? toStat(found) : NOTHING;
  } catch {
    return NOTHING;
  }
}

async function statLater(path: string): Promise<Stat> {
  return stat(path).then(toStat, () => NOTHING);
}

/** Nobody writes a longer list of patterns; a checkout may bring a file of any size by that name. */
const MOST_BYTES = 4_000_000;
const MOST_CHARACTERS = 200_000;

function toStat(found: { isFile(): boolean; mtimeMs: number; size: number }): Stat {
  const isRead = found.isFile() && found.size <= MOST_BYTES;
  return { stamp: isRead ? `${found.mtimeMs} ${found.size}` : '', exists: true };
}

function readNow(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function readLater(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
