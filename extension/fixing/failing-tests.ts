/** What the server last said of failing tests, for all who show them. */
import { type Disposable, EventEmitter } from 'vscode';
import type { FailingTest } from '../../server/protocol/fixing';
import type { HindsightClient } from '../server/client';

export class FailingTests implements Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onChanged = this.changed.event;
  private readonly subscription: Disposable;
  private tests: readonly FailingTest[] = [];

  constructor(client: HindsightClient) {
    this.subscription = client.on('hindsight/failingTestsChanged', async () => {
      this.tests = await client.request('hindsight/failingTests', null).catch(() => []);
      this.changed.fire();
    });
  }

  /** The latest run first. */
  get all(): readonly FailingTest[] {
    return this.tests;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
