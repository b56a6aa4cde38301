/**
 * Encoding that remembers: a text is cut where no token can lie across the cut, and pieces that were encoded before are
 * looked up. After a keystroke in a long document only the line that changed goes through the tokenizer.
 */

/** Texts shorter than this are encoded whole. */
const shortText = 200;
/** Pieces kept; the ones not used for longest give way. */
const kept = 8192;

/**
 * Places where a line may be cut off. Whether one holds depends on the tokenizer's own splitting: some take the line
 * breaks behind punctuation into its token, others into that of the indentation. Which hold is tried on samples.
 */
const places = {
  'before a line break behind a word': /(?<=[A-Za-z0-9_])(?=\n)/,
  'before a line break behind punctuation': /(?<=[;:,(){}[\]])(?=\n)/,
  'behind a line break behind punctuation': /(?<=[;:,(){}[\]]\n)(?=[^\r\n])/,
  'between a line break and a word': /(?<=[^\s]\n)(?=[A-Za-z_])/,
} as const;

type Encode = (text: string) => number[];

export class CachedEncoder {
  /** Found out when the first long text comes; null where no cut is safe. */
  private cut: RegExp | null | undefined;
  private readonly pieces = new Map<string, readonly number[]>();

  /**
   * @param encode the tokenizer
   * @param splits whether the tokenizer splits texts before it encodes them; one that does not has no safe cuts
   */
  constructor(
    private readonly encode: Encode,
    private readonly splits: boolean,
  ) {}

  /** The ids of `encode(text)`. */
  run(text: string): number[] {
    if (text.length < shortText) return this.encode(text);
    if (this.cut === undefined) this.cut = this.findCut();
    if (!this.cut) return this.encode(text);
    const out: number[] = [];
    for (const piece of text.split(this.cut)) for (const id of this.piece(piece)) out.push(id);
    return out;
  }

  private findCut(): RegExp | null {
    if (!this.splits) return null;
    const holding = Object.values(places).filter((place) => holds(place, this.encode));
    return holding.length > 0 ? new RegExp(holding.map((place) => place.source).join('|')) : null;
  }

  private piece(text: string): readonly number[] {
    const known = this.pieces.get(text);
    const ids = known ?? this.encode(text);
    // Put last: the first in order is the one not used for longest.
    if (known) this.pieces.delete(text);
    this.pieces.set(text, ids);
    if (this.pieces.size > kept) this.pieces.delete(this.pieces.keys().next().value!);
    return ids;
  }
}

const before = ['x', '_', '9', 'é', ';', '});', ' )', "'s"];
const after = ['\n', '\n\n', '\n \n', '\n    ', '\n\t', '\r\n', '\n\r\n'];
const next = ['x', '}', '_', '1', '#', ''];

/** Tries a place on every combination of what may stand there. */
function holds(place: RegExp, encode: Encode): boolean {
  for (const a of before) {
    for (const b of after) {
      for (const c of next) {
        const text = `a ${a}${b}${c} z`;
        const parts = text.split(place);
        if (parts.length < 2) continue;
        if (parts.flatMap((part) => encode(part)).join() !== encode(text).join()) return false;
      }
    }
  }
  return true;
}

type Json = Record<string, unknown>;

/** True where tokenizer.json splits texts by a pattern, and no special token takes the white space beside it. */
export function splitsTexts(json: unknown): boolean {
  const { pre_tokenizer: pre, added_tokens: added } = json as Json;
  const stages = (pre as Json | null)?.type === 'Sequence' ? (pre as Json).pretokenizers : [pre];
  const splits = (Array.isArray(stages) ? stages : []).some(
    (s: Json | null) => s?.type === 'Split' || (s?.type === 'ByteLevel' && s.use_regex !== false),
  );
  const greedy = (Array.isArray(added) ? added : []).some(
    (t: Json) => t.lstrip || t.rstrip || (/\S/.test(String(t.content)) && String(t.content).includes('\n')),
  );
  return splits && !greedy;
}
