/** Prompt lookup decoding: draft tokens are copied from where the last few tokens stood before, since code repeats itself. */

/** Tokens that must be the same before their continuation is a draft. */
const context = 3;
/** Longest draft. Each token of it costs a little in the run that verifies it. */
const longest = 6;

export class PromptLookup {
  private readonly texts: (readonly number[])[];
  /** By a number made of the last `context` tokens: text and position of what followed them, the latest one. */
  private readonly places = new Map<number, { text: number; next: number }>();

  /**
   * @param prompt grows with what is generated, through `push`
   * @param others further texts to copy from; a later one goes before an earlier, and the prompt before all
   */
  constructor(prompt: readonly number[], others: readonly (readonly number[])[] = []) {
    this.texts = [...others, [...prompt]];
    this.texts.forEach((text, i) => {
      for (let end = context; end < text.length; end++) this.remember(i, end);
    });
  }

  /** What followed the last tokens when they last stood in one of the texts, or nothing. */
  draft(): readonly number[] {
    const own = this.own;
    const place = own.length >= context ? this.places.get(key(own, own.length)) : undefined;
    return place ? this.texts[place.text]!.slice(place.next, place.next + longest) : [];
  }

  push(id: number): void {
    const own = this.own as number[];
    own.push(id);
    // What the newest tokens lead to is only known once the next one is there.
    if (own.length > context) this.remember(this.texts.length - 1, own.length - 1);
  }

  private get own(): readonly number[] {
    return this.texts.at(-1)!;
  }

  private remember(text: number, next: number): void {
    this.places.set(key(this.texts[text]!, next), { text, next });
  }
}

/** Two groups of tokens that share a number cost a wrong draft, which the model corrects. */
function key(text: readonly number[], end: number): number {
  let hash = 0;
  for (let i = end - context; i < end; i++) hash = (Math.imul(hash, 0x01000193) + text[i]!) | 0;
  return hash;
}
