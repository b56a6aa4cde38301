import type { ServerActivity, ServerStatus } from './protocol/types';

/** Keeps the server's status and tells of changes, at most once every 100 ms. */
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

  constructor(private readonly tell: (status: ServerStatus) => void) {}

  get current(): ServerStatus {
    return { ...this.status };
  }

  update(change: Partial<ServerStatus>): void {
    this.status = { ...this.status, ...change };
    if (change.activity !== undefined && change.activity !== 'training') delete this.status.progress;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.tell(this.current);
    }, 100);
  }

  /** Sets an activity with its sentence. */
  say(activity: ServerActivity, message: string): void {
    this.update({ activity, message });
  }

  dispose(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
