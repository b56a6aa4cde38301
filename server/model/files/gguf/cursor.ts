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
    const from = this.pass(length, what);
    return this.buffer.subarray(from, from + length);
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

  /** Makes the next `length` bytes lie in the buffer, and gives their place there. */
  private pass(length: number, what: string): number {
    if (this.at + length > this.buffer.length) this.fill(length, what);
    const from = this.at;
    this.at += length;
    return from;
  }

  u32(what: string): number {
    const from = this.pass(4, what);
    return this.buffer.readUInt32LE(from);
  }

  /** An unsigned 64-bit number. @throws ModelError where it is too large to count anything */
  u64(what: string): number {
    const from = this.pass(8, what);
    const high = this.buffer.readUInt32LE(from + 4);
    if (high >= 2 ** 21) throw this.bad(`${what} is ${this.buffer.readBigUInt64LE(from)}`);
    return high * 2 ** 32 + this.buffer.readUInt32LE(from);
  }

  /** Text behind its length in bytes. */
  text(what: string): string {
    const length = this.u64(what);
    if (length === 0) return '';
    const from = this.pass(length, what);
    return this.buffer.toString('utf8', from, from + length);
  }
}
