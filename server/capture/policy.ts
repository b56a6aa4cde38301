/** What may be captured: the settings, whether the workspace is trusted, its folders and what is excluded in them. */
import { pathToFileURL } from 'node:url';
import type { Settings } from '../protocol/settings';
import { Exclusions } from '../workspace/exclusions';

export class CapturePolicy {
  private readonly exclusions: Exclusions;

  /** @param folders absolute paths of the workspace folders */
  constructor(
    private settings: Settings,
    public trusted: boolean,
    public folders: readonly string[],
    now: () => number,
  ) {
    this.exclusions = new Exclusions(folders, settings.exclude, now, settings.schemes);
  }

  setSettings(settings: Settings): void {
    this.settings = settings;
    this.exclusions.update(this.folders, settings.exclude, settings.schemes);
  }

  setFolders(folders: readonly string[]): void {
    this.folders = folders;
    this.exclusions.update(folders, this.settings.exclude, this.settings.schemes);
  }

  /** How long an edited text must have stayed before it counts, in ms. */
  get settleMs(): number {
    return this.settings.learning.settleSeconds * 1_000;
  }

  /** Why nothing of this document is captured; null where it is. */
  excludedBecause(uri: string): string | null {
    return this.trusted ? this.exclusions.reason(uri) : 'the workspace is not trusted';
  }

  isExcluded(uri: string): boolean {
    return this.excludedBecause(uri) !== null;
  }

  /** Whether a file of the workspace may be read, for instance a test's own code. */
  mayRead(path: string): boolean {
    return this.exclusions.reason(pathToFileURL(path).href) === null;
  }

  /** Whether the settings or its kind exclude a file. What git ignores may be read: reports lie with what was built. */
  isNamed(path: string): boolean {
    return this.exclusions.isNamed(pathToFileURL(path).href);
  }
}
