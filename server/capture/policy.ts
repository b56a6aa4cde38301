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

  /** Why nothing of this document is captured; null where it is. Does not wait for the disk. */
  excludedBecause(uri: string): string | null {
    return this.refusedBecause(uri) ?? this.exclusions.latest(uri);
  }

  /** The same, found out anew; for many files at once. */
  async checkExcluded(uri: string): Promise<boolean> {
    return (this.refusedBecause(uri) ?? (await this.exclusions.check(uri))) !== null;
  }

  /** Why the document may not even be completed in, trusted or not; null where it may. */
  notCompletedBecause(uri: string): Promise<string | null> {
    return this.exclusions.soon(uri);
  }

  async mayNotComplete(uri: string): Promise<boolean> {
    return (await this.notCompletedBecause(uri)) !== null;
  }

  private refusedBecause(uri: string): string | null {
    if (!this.trusted) {
      return 'the workspace is not trusted';
    }
    const outside = !this.settings.learning.outsideWorkspace && this.exclusions.isOutside(uri);
    return outside ? 'it lies outside the workspace' : null;
  }

  isExcluded(uri: string): boolean {
    return this.excludedBecause(uri) !== null;
  }

  /** Whether a file of the workspace may be read, for instance a test's own code. */
  async mayRead(path: string): Promise<boolean> {
    return (await this.exclusions.soon(pathToFileURL(path).href)) === null;
  }

  /** Whether the settings or its kind exclude a file. What git ignores may be read: reports lie with what was built. */
  isNamed(path: string): boolean {
    return this.exclusions.isNamed(pathToFileURL(path).href);
  }
}
