/** The first full, non-blank lines behind the cursor's own line. Their indentation tells one closing bracket from another. */
export function nextLines(suffix: string): string[] {
  return suffix
    .split('\n')
    .slice(1, 12)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}
