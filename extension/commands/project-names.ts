/** How many projects are named; the others are counted. */
const MOST = 3;

/** The names of folders, for a sentence: `shop, blog and 2 more projects`; empty for none. */
export function namesOf(folders: readonly string[]): string {
  const names = folders.map((folder) => folder.split(/[\\/]/).findLast((part) => part !== '') ?? folder);
  const rest = names.length - MOST;
  if (rest <= 0) return [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(' and ');
  return `${names.slice(0, MOST).join(', ')} and ${rest} more project${rest === 1 ? '' : 's'}`;
}
