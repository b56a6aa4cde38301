/** Reads the beginning of a file piece by piece. Nothing is allocated before its size was held against the file's. */
import { readSync } from 'node:fs';
import type { ModelError } from '../../errors';

/** Bytes read at a time. */
const chunk = 1 << 20;

/** A header of more bytes is taken for a damaged file: the largest vocabularies take some 20 MB. */
const largestHeader = 256e6;

export class Cursor {
  private buffer = Buffer.alloc(0);
  /** Where `buffer` begins in the file. */
  private start = 0;
  private at = 0;

  /**
   * @param size bytes of the file
   * @param bad makes the error of what is wrong with the file
   */
  constructor(
    private readonly fd: number,
    readonly size: number,
    private readonly bad: (what: string) => ModelError,
  ) {}

  /** Bytes from the start of the file. */
  get position(): number {
    return this.start + this.at;
  }

  /** @throws ModelError where the file has no `length` more bytes, or a header cannot be so long */
  require(length: number, what: string): void {
    if (length > this.size - this.position)
      throw this.bad(`${what} claims ${length} bytes where ${this.size - this.position} are left`);
    if (this.position + length > largestHeader) throw this.bad(`${what} claims ${length} bytes`);
  }

  /** The next `length` bytes; valid until the next call. */
  take(length: number, what: string): Buffer {
    if (this.at + length > this.buffer.length) this.fill(length, what);
    const bytes = this.buffer.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }

  private fill(length: number, what: string): void {
    this.require(length, what);
    const left = this.buffer.subarray(this.at);
    const size = Math.min(Math.max(length, chunk), this.size - this.position);
    const next = Buffer.alloc(size);
    left.copy(next);
    this.start = this.position;
    this.at = 0;
    for (let done = left.length; done < size; ) {
      const n = readSync(this.fd, next, done, size - done, this.start + done);
      if (n === 0) throw this.bad('it became shorter while it was read');
      done += n;
    }
    this.buffer = next;
  }

  u8 = (what: string): number => this.take(1, what)[0]!;
  u32 = (what: string): number => this.take(4, what).readUInt32LE();

  /** An unsigned 64-bit number. @throws ModelError where it is too large to count anything */
  u64(what: string): number {
    const value = this.take(8, what).readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.bad(`${what} is ${value}`);
    return Number(value);
  }

  /** Text behind its length in bytes. */
  text(what: string): string {
    const length = this.u64(`the length of ${what}`);
    return length === 0 ? '' : this.take(length, what).toString('utf8');
  }
}
