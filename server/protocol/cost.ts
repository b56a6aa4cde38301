/** What a model will cost on this machine, about. */
export interface Cost {
  /** From a new place in a file to the end of the first line, in ms. While one types on it is less: the prompt is known. */
  firstLineMs: number;
  /** A training round, in minutes. */
  roundMinutes: number;
}

/** For people; what is an estimate is told as one. */
export function costSentence({ firstLineMs, roundMinutes }: Cost): string {
  const line =
    firstLineMs < 950
      ? `${Math.max(10, Math.round(firstLineMs / (firstLineMs < 95 ? 10 : 50)) * (firstLineMs < 95 ? 10 : 50))} ms`
      : `${(firstLineMs / 1000).toFixed(1)} s`;
  const round =
    roundMinutes < 0.95
      ? `${Math.max(10, Math.round(roundMinutes * 6) * 10)} s`
      : `${Math.round(roundMinutes)} min`;
  return `about ${line} to a first line, ${round} a training round`;
}
