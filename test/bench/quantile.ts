/** The value below which this share of all lies: 0.5 is the median, 1 the largest. @throws Error without values */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('There are no values to take a quantile of.');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
