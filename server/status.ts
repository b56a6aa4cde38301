import type { ServerActivity, ServerStatus } from './protocol/types';

const SOON_MS = 100;
/** Counts change with nearly every key, nobody reads them that fast, and each message costs the extension host time. */
const COUNTS: readonly string[] = ['readyEvents', 'completions'] satisfies (keyof ServerStatus)[];
const COUNTS_MS = 1_000;

/** Keeps the server's status and notifies of changes: within 100 ms, of counts alone within a second. */
export class StatusBoard {
  private status: ServerStatus = {
    activity: 'starting',
    message: 'Loading the model.',
    model: '',
    device: '',
    adapter: null,
    readyEvents: 0,
    completions: 0,
    learningPaused: false,
    trusted: false,
  };
  private timer: NodeJS.Timeout | null = null;
  /** When the timer ends, in ms since the epoch; meaningless without it. */
  private due = 0;

  constructor(private readonly notify: (status: ServerStatus) => void) {}

  get current(): ServerStatus {
    return { ...this.status };
  }

  update(change: Partial<ServerStatus>): void {
    const before = this.status;
    this.status = { ...before, ...change };
    if (change.activity !== undefined && change.activity !== 'training') delete this.status.progress;
    const keys = new Set([...Object.keys(before), ...Object.keys(change)]) as Set<keyof ServerStatus>;
    const changed = [...keys].filter((key) => before[key] !== this.status[key]);
    if (changed.length > 0)
      this.notifyWithin(changed.every((key) => COUNTS.includes(key)) ? COUNTS_MS : SOON_MS);
  }

  /** Sets an activity with its sentence. */
  set(activity: ServerActivity, message: string): void {
    this.update({ activity, message });
  }

  private notifyWithin(milliseconds: number): void {
    const due = Date.now() + milliseconds;
    if (this.timer && this.due <= due) return;
    if (this.timer) clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.notify(this.current);
    }, milliseconds);
  }

  dispose(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
