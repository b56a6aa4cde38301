/**
 * Texts that a document had before, with the spans as they stood then: undo, redo and typing back bring a document to a text it
 * had, and then every span is what it was, whatever was cut together with it.
 */
import type { Span } from './spans';

interface State {
  text: string;
  spans: ReadonlyMap<Span, Span>;
}

const MOST_STATES = 64;
/** Characters of all texts that are kept. */
const MOST_CHARACTERS = 1_000_000;

export class EarlierStates {
  private states: State[] = [];

  /** @param spans as they stood in `text` */
  remember(text: string, spans: ReadonlyMap<Span, Span>): void {
    this.states = this.states.filter((state) => state.text !== text);
    this.states.push({ text, spans });
    let characters = this.states.reduce((sum, state) => sum + state.text.length, 0);
    while (this.states.length > MOST_STATES || (characters > MOST_CHARACTERS && this.states.length > 1)) {
      characters -= this.states.shift()!.text.length;
    }
  }

  clear(): void {
    this.states = [];
  }

  /** Sets the spans to where they stood, where the document had this text before. @returns which */
  restore(text: string, tracked: ReadonlySet<Span>): Set<Span> {
    const restored = new Set<Span>();
    const state = this.states.find((one) => one.text === text);
    for (const [span, then] of state?.spans ?? []) {
      if (tracked.has(span)) {
        Object.assign(span, then);
        restored.add(span);
      }
    }
    return restored;
  }
}
