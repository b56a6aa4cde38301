/** 16-bit floating-point numbers (IEEE 754 binary16), which JavaScript's typed arrays lack in the oldest Node that runs this. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest half-precision number's bits, ties to even; what is too large becomes infinity. */
export function halfBits(value: number): number {
  float[0] = value;
  const x = bits[0]!;
  const sign = (x >>> 16) & 0x8000;
  const rest = x & 0x7fffffff;
  if (rest > 0x7f800000) return sign | 0x7e00;
  // 65520 is where rounding reaches infinity.
  if (rest >= 0x477ff000) return sign | 0x7c00;
  if (rest >= 0x38800000) return sign | roundedShift(rest - 0x38000000, 13);
  // Below 2^-25 everything rounds to zero; else the number is a multiple of 2^-24.
  if (rest < 0x33000000) return sign;
  const exponent = rest >>> 23;
  return sign | roundedShift((rest & 0x7fffff) | 0x800000, 126 - exponent);
}

function roundedShift(x: number, shift: number): number {
  const cut = x & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  const whole = x >>> shift;
  return cut > half || (cut === half && whole & 1) ? whole + 1 : whole;
}

export function halfToFloat(h: number): number {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >> 10) & 31;
  const fraction = h & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
