/** Adapters on disk: `adapters/NNNN` in the storage folder, in PEFT's format, each moved there whole. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AdapterRecord } from '../../store/records';

/** How many stay on disk, the one in use and its parent not counted. */
export const KEPT_ADAPTERS = 5;
const FOLDER = 'adapters';
const CHECKPOINT = 'checkpoint.bin';

export class AdapterFolder {
  constructor(private readonly storagePath: string) {}

  /** Where the trainer writes a round's adapter before anyone has judged it. */
  unfinished(roundId: number): string {
    return path.join(this.storagePath, FOLDER, `.round-${roundId}`);
  }

  /** Moves a round's adapter to its place. @returns its folder relative to the storage folder */
  async accept(roundId: number): Promise<string> {
    const relative = path.posix.join(FOLDER, String(roundId).padStart(4, '0'));
    const target = path.join(this.storagePath, relative);
    await rm(target, { recursive: true, force: true });
    await rename(this.unfinished(roundId), target);
    return relative;
  }

  async discard(roundId: number): Promise<void> {
    await rm(this.unfinished(roundId), { recursive: true, force: true });
  }

  absolute(record: Pick<AdapterRecord, 'directory'>): string {
    return path.join(this.storagePath, record.directory);
  }

  exists(record: Pick<AdapterRecord, 'directory'>): boolean {
    return existsSync(path.join(this.absolute(record), 'adapter_config.json'));
  }

  async remove(records: readonly Pick<AdapterRecord, 'directory'>[]): Promise<void> {
    for (const record of records) await rm(this.absolute(record), { recursive: true, force: true });
  }

  /**
   * Removes what no one can come back to: adapters older than the newest five, and what crashed rounds left behind.
   * @param records all of this model, oldest first or not
   */
  async prune(records: readonly AdapterRecord[]): Promise<void> {
    const active = records.find((record) => record.active);
    const newest = [...records].sort((a, b) => b.id - a.id).slice(0, KEPT_ADAPTERS);
    const old = records.filter(
      (record) => !newest.includes(record) && record !== active && record.id !== active?.parent,
    );
    await this.remove(old);
  }

  /**
   * Unfinished rounds of earlier processes, and adapters that were moved here but never registered. Only the holder of the
   * training lease may call it.
   * @param registered all adapters that there are, of every model
   */
  async sweep(registered: readonly Pick<AdapterRecord, 'directory'>[]): Promise<void> {
    const folder = path.join(this.storagePath, FOLDER);
    const known = new Set(registered.map(({ directory }) => path.posix.basename(directory)));
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      if (!known.has(name)) await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }

  /** Where a round keeps its state, to go on after a crash of the trainer. */
  get checkpoint(): string {
    return path.join(this.storagePath, CHECKPOINT);
  }

  /** The state of rounds that did not end, whole or half-written. Only the holder of the training lease may call it. */
  async removeCheckpoints(): Promise<void> {
    for (const name of await readdir(this.storagePath)) {
      if (name.startsWith(CHECKPOINT)) await rm(path.join(this.storagePath, name), { force: true });
    }
  }
}
