/**
 * Texts that are gone from where they stood: cut, moved to another file, or taken by a reload. They are followed again where
 * they turn up, in their document or in another one.
 */
import type { Block, Region } from './blocks';
import type { Span } from './spans';

/** By which a text is recognised. */
export interface Trace {
  text: string;
  block: Block | null;
}

/** A document, as far as texts are looked for in it. */
export interface Place {
  readonly uri: string;
  readonly text: string;
  find(trace: Trace, regions: readonly Region[]): Region | null;
  track(span: Span): void;
  untrack(span: Span): void;
}

interface Lost {
  trace: Trace;
  from: Place;
  until: number;
}

/** A cut text may be pasted for this long, in ms. */
const PASTE_MS = 120_000;
/** An editor that moves code to another file may put it there before it takes it away here, in ms. */
const MOVE_MS = 5_000;
const MOST_INSERTIONS = 50;

export class LostTexts {
  private readonly lost = new Map<Span, Lost>();
  private insertions: { place: Place; text: string; at: number }[] = [];

  /**
   * A text is gone.
   * @returns the other document where it stands already, and is followed now; null where it is lost for now
   */
  lose(span: Span, trace: Trace, from: Place, now: number, forMs = PASTE_MS): Place | null {
    for (const { place, text, at } of this.insertions) {
      const fresh = place !== from && now - at <= MOVE_MS && text.includes(trace.text.trim());
      const found = fresh ? place.find(trace, [{ start: 0, end: place.text.length }]) : null;
      if (found) {
        this.move(span, from, place, found);
        return place;
      }
    }
    this.lost.set(span, { trace, from, until: now + forMs });
    return null;
  }

  /** It stands somewhere again, or is followed no longer. @returns whether it was lost */
  forget(span: Span): boolean {
    return this.lost.delete(span);
  }

  /**
   * Something was put into a document.
   * @param regions where
   * @param known spans of which it is known where they are, or that they are gone still
   * @returns the spans whose text is back, and followed there now
   */
  find(
    place: Place,
    regions: readonly Region[],
    inserted: readonly string[],
    known: ReadonlySet<Span>,
    now: number,
  ): Span[] {
    const found: Span[] = [];
    for (const [span, { trace, from, until }] of this.lost) {
      if (known.has(span)) {
        continue;
      }
      // Something else may stand in its place now.
      const filled = span.end > span.start;
      const region = now > until ? null : place.find(trace, regions);
      if (region) {
        this.move(span, from, place, region);
        found.push(span);
      }
      if (region || filled || now > until) {
        this.lost.delete(span);
      }
    }
    this.remember(place, inserted, now);
    return found;
  }

  /** A document is closed: what was put into it is not looked at any more. */
  close(place: Place): void {
    this.insertions = this.insertions.filter((insertion) => insertion.place !== place);
  }

  private move(span: Span, from: Place, to: Place, region: Region): void {
    Object.assign(span, { start: region.start, end: region.end, openEnd: false });
    if (from !== to) {
      from.untrack(span);
    }
    to.track(span);
  }

  private remember(place: Place, inserted: readonly string[], now: number): void {
    const texts = inserted.filter((text) => text.trim() !== '');
    this.insertions = this.insertions.filter(({ at }) => now - at <= MOVE_MS);
    this.insertions.push(...texts.map((text) => ({ place, text, at: now })));
    this.insertions.splice(0, this.insertions.length - MOST_INSERTIONS);
  }
}
