/** A piece of a text that must not be stored, in UTF-16 offsets; `end` is exclusive. */
export interface Finding {
  start: number;
  end: number;
}

/** A search for one kind of secret, linear in the length of the text. Null: the search may be interrupted here. */
export type Detector = (text: string) => Iterable<Finding | null>;

/** In order, those that overlap or touch made one. */
export function merged(findings: readonly Finding[]): Finding[] {
  const out: Finding[] = [];
  for (const finding of [...findings].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last && finding.start <= last.end) {
      last.end = Math.max(last.end, finding.end);
    } else if (finding.end > finding.start) {
      out.push({ ...finding });
    }
  }
  return out;
}
