/** Several windows, each with a server of its own, share one database: what another one did is noticed here. */
import type { Values } from './store/tables/values';

export interface SharedState {
  /** Number of the adapter in use; null is the base model. */
  adapter: number | null;
  learningPaused: boolean;
}

export interface OtherWindowsHooks {
  /** As this server has it. */
  current(): SharedState;
  /** As the database has it now. */
  stored(): Promise<SharedState>;
  /** Another window trained, rolled back, or deleted what the adapter had learned from. */
  onAdapter(): Promise<void>;
  onPaused(paused: boolean): void;
  /** Another window deleted feedback: what is remembered of it here has to go too. */
  onDeleted(): Promise<void>;
}

/** Written with every deletion, a new value each time. */
const DELETED = 'data.deleted';
const LOOK_MS = 3000;

export class OtherWindows {
  private timer: NodeJS.Timeout | null = null;
  private deletion: string | null = null;

  constructor(
    private readonly values: Values,
    private readonly hooks: OtherWindowsHooks,
  ) {}

  /** Looks from now on, every three seconds: three small reads. */
  async start(): Promise<void> {
    this.deletion = await this.values.get(DELETED);
    // A database that is away for a while is reported by the store's writer.
    this.timer = setInterval(() => void this.look().catch(() => undefined), LOOK_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  /** Lets the others know that something was deleted here. */
  async announceDeletion(): Promise<void> {
    this.deletion = `${process.pid}.${Date.now()}`;
    await this.values.set(DELETED, this.deletion);
  }

  async look(): Promise<void> {
    const deletion = await this.values.get(DELETED);
    if (deletion !== this.deletion) {
      this.deletion = deletion;
      await this.hooks.onDeleted();
    }
    const stored = await this.hooks.stored();
    const current = this.hooks.current();
    if (stored.learningPaused !== current.learningPaused) this.hooks.onPaused(stored.learningPaused);
    if (stored.adapter !== current.adapter) await this.hooks.onAdapter();
  }
}
