/** What every reader of blocks writes to, and the number that most of them begin with. */
import { halfToFloat } from '../float16';

/** Where a block's numbers go. */
export interface BlockSink {
  /** One for each value, −128 to 127. */
  q: Int8Array;
  /** One for each group. */
  scale: Float32Array;
  /** One for each group; of types without a minimum nothing is written. */
  minimum: Float32Array;
}

/** The half-precision number at `at`. */
export const half = (b: Uint8Array, at: number) => halfToFloat(b[at]! | (b[at + 1]! << 8));
