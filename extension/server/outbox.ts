/**
 * What the developer did, until the server has it on disk. Events wait here while the server is away; those it had been sent
 * but not yet acknowledged when it died are sent again. Knows nothing of the editor, so that it can be tested alone.
 */

import type { ClientNotifications } from '../../server/protocol/messages';

/** Messages about what happened. Others are about how things are now, and are sent anew to a new server. */
const EVENTS = [
  'hindsight/shown',
  'hindsight/accepted',
  'hindsight/rejected',
  'hindsight/run',
  'hindsight/feedback',
] as const satisfies readonly (keyof ClientNotifications)[];

export type EventMethod = (typeof EVENTS)[number];

export interface Entry<M extends EventMethod = EventMethod> {
  method: M;
  parameters: ClientNotifications[M];
}

export interface Wire {
  /** Sends one message. Rejects where it cannot be sent. */
  send(entry: Entry): Promise<void>;
  /** Resolves to true when all that was sent before is on disk. Rejects, or resolves to false, where it is not. */
  acknowledge(): Promise<boolean>;
  /** One sentence about what had to be left out. */
  log(sentence: string): void;
}

/** Bounds on what waits, so that a server that stays away costs little: events, and characters of their text. */
const MOST_EVENTS = 2_000;
const MOST_TEXT = 8_000_000;
/** A burst of events needs one acknowledgement, requested after this, in ms. */
const ACKNOWLEDGE_AFTER_MS = 3_000;
/** It is requested again after this, where the disk was not reached, in ms. */
const ACKNOWLEDGE_AGAIN_MS = 5_000;

export function isEvent(method: keyof ClientNotifications): method is EventMethod {
  return (EVENTS as readonly string[]).includes(method);
}

interface Waiting {
  number: number;
  entry: Entry;
  size: number;
}

export class Outbox {
  private waiting: Waiting[] = [];
  private text = 0;
  private numbers = 0;
  /** The last one that this server has been sent. */
  private sent = 0;
  private connected = false;
  /** Changes with every server, so that an answer of an old one is not taken for the new one's. */
  private generation = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private warned = false;

  constructor(
    private readonly wire: Wire,
    private readonly acknowledgeAfterMs = ACKNOWLEDGE_AFTER_MS,
  ) {}

  /** Events that no server has acknowledged. */
  get length(): number {
    return this.waiting.length;
  }

  add<M extends EventMethod>(method: M, parameters: ClientNotifications[M]): void {
    const entry = { method, parameters } as Entry;
    const size = textOf(entry);
    this.waiting.push({ number: ++this.numbers, entry, size });
    this.text += size;
    this.bound();
    if (this.connected) this.pump();
  }

  /** A server is running, and knows the open documents: all that waits is sent to it. */
  connect(): void {
    this.generation++;
    this.connected = true;
    this.sent = 0;
    this.pump();
  }

  disconnect(): void {
    this.generation++;
    this.connected = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Feedback was deleted: what waits of it is not sent again. All of it, or what is about one completion. */
  forget(completionId: string | 'all'): void {
    this.waiting = this.waiting.filter(({ entry: { parameters } }) => {
      if (completionId === 'all') return false;
      return !('completionId' in parameters) || parameters.completionId !== completionId;
    });
    this.text = this.waiting.reduce((sum, { size }) => sum + size, 0);
  }

  private pump(): void {
    const { generation } = this;
    // Mostly it is the last one alone that was not sent yet.
    let from = this.waiting.length;
    while (from > 0 && this.waiting[from - 1]!.number > this.sent) from--;
    for (const { number, entry } of this.waiting.slice(from)) {
      this.sent = number;
      // What cannot be sent stays for the next server.
      this.wire.send(entry).catch(() => generation === this.generation && this.disconnect());
    }
    this.acknowledgeLater(this.acknowledgeAfterMs);
  }

  private acknowledgeLater(milliseconds: number): void {
    if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.requestAcknowledgement(), milliseconds);
  }

  private async requestAcknowledgement(): Promise<void> {
    const { generation, sent } = this;
    const done = await this.wire.acknowledge().catch(() => false);
    if (generation !== this.generation) return;
    this.timer = undefined;
    if (done) while (this.waiting[0] && this.waiting[0].number <= sent) this.drop();
    this.acknowledgeLater(done ? this.acknowledgeAfterMs : ACKNOWLEDGE_AGAIN_MS);
  }

  private drop(): void {
    this.text -= this.waiting.shift()!.size;
  }

  private bound(): void {
    while (this.waiting.length > MOST_EVENTS || (this.text > MOST_TEXT && this.waiting.length > 1)) {
      this.drop();
      if (!this.warned)
        this.wire.log('Nothing could be stored for long; the oldest of what you did is left out.');
      this.warned = true;
    }
  }
}

/** Characters of text that an event holds on to. */
function textOf({ parameters }: Entry): number {
  return Object.values(parameters).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
    0,
  );
}
