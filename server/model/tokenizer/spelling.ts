/** What each token writes, in bytes, and which tokens can write the beginning of a text. Byte strings hold a byte a character. */

/** The printable character of each byte in byte-level vocabularies. */
export function byteCharacters(): string[] {
  const printable = (b: number) => (b > 32 && b < 127) || (b > 160 && b < 173) || b > 173;
  let other = 256;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : other++));
}

/** UTF-8 as a byte string. */
export const toBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** What a vocabulary's entry writes: in printable characters for bytes, or in SentencePiece's way. */
export function tokenBytes(token: string, byteLevel: ReadonlyMap<string, number> | null): string {
  if (byteLevel) {
    let bytes = '';
    for (const character of token) {
      const byte = byteLevel.get(character);
      bytes += byte === undefined ? toBytes(character) : String.fromCharCode(byte);
    }
    return bytes;
  }
  const single = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
  return single ? String.fromCharCode(Number.parseInt(single, 16)) : toBytes(token.replaceAll('▁', ' '));
}

export class Spelling {
  /** Ids in the order of their bytes. */
  private readonly order: number[];
  private readonly byBytes = new Map<string, number[]>();
  private beginnings: readonly number[] | undefined;

  /** @param bytes what each id writes; '' for those that never stand in a text */
  constructor(private readonly bytes: readonly string[]) {
    this.order = bytes.flatMap((text, id) => (text === '' ? [] : [id]));
    this.order.sort((a, b) => (bytes[a]! < bytes[b]! ? -1 : bytes[a]! > bytes[b]! ? 1 : a - b));
    for (const id of this.order) {
      const same = this.byBytes.get(bytes[id]!);
      if (same) same.push(id);
      else this.byBytes.set(bytes[id]!, [id]);
    }
  }

  bytesOf(id: number): string {
    return this.bytes[id] ?? '';
  }

  /** Tokens that write a beginning of `text`, or more than it: one of them comes next where `text` must be written. */
  towards(text: string): number[] {
    const ids: number[] = [];
    for (let length = 1; length < text.length; length++)
      ids.push(...(this.byBytes.get(text.slice(0, length)) ?? []));
    for (let i = this.first(text); i < this.order.length; i++) {
      if (!this.bytes[this.order[i]!]!.startsWith(text)) break;
      ids.push(this.order[i]!);
    }
    return ids;
  }

  /** Tokens that write no line break before anything else. */
  beginningLines(): readonly number[] {
    this.beginnings ??= this.order.filter((id) => !/^[ \t\r]*\n/.test(this.bytes[id]!));
    return this.beginnings;
  }

  /** Where in the order the first token stands that is not before `text`. */
  private first(text: string): number {
    let [low, high] = [0, this.order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.bytes[this.order[middle]!]! < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
