/** One round at a time on a machine: the lease of its server, renewed while it runs. */
import { errorMessage } from '../../base/errors';
import type { Leases } from '../../store/tables/leases';

export const LEASE = 'training';
export const LEASE_MS = 60_000;

/** Another window trains now: what this round would do it may do too. */
export class LeaseLost extends Error {
  constructor() {
    super('Another window has taken over training, since this one could not say in time that it goes on.');
  }
}

/** Renews the lease of a round; `lost` is aborted with a `LeaseLost` once another window has it, or may have it. */
export class LeaseKeeper {
  private readonly abort = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private heldUntil: number;
  private renewing = false;
  private failing = false;

  constructor(
    private readonly leases: Pick<Leases, 'take' | 'release'>,
    private readonly holder: string,
    private readonly report: { onTrouble(sentence: string): void },
    private readonly leaseMs = LEASE_MS,
  ) {
    this.heldUntil = Date.now() + leaseMs;
    this.timer = setInterval(() => void this.renew(), leaseMs / 3);
  }

  get lost(): AbortSignal {
    return this.abort.signal;
  }

  /** Never rejects: a database that is locked for a while is tried again while the lease lasts. */
  private async renew(): Promise<void> {
    const asked = Date.now();
    if (asked >= this.heldUntil) this.abort.abort(new LeaseLost());
    if (this.renewing || this.abort.signal.aborted) return;
    this.renewing = true;
    try {
      if (await this.leases.take(LEASE, this.holder, this.leaseMs)) this.heldUntil = asked + this.leaseMs;
      else this.abort.abort(new LeaseLost());
      this.failing = false;
    } catch (error) {
      if (!this.failing)
        this.report.onTrouble(`The training lease could not be renewed: ${errorMessage(error)}`);
      this.failing = true;
    } finally {
      this.renewing = false;
    }
  }

  /** Never rejects: a lease that cannot be given back ends by itself. */
  async release(): Promise<void> {
    clearInterval(this.timer);
    try {
      await this.leases.release(LEASE, this.holder);
    } catch (error) {
      this.report.onTrouble(`The training lease could not be given back: ${errorMessage(error)}`);
    }
  }
}
