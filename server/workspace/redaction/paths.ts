/** Absolute paths tell who somebody is and how a machine is laid out: they are made relative, or left to their last part. */

/**
 * Makes absolute paths workspace-relative, or `…/name` where they lie elsewhere. `folders` are absolute paths of the
 * workspace folders.
 */
export function shortenPaths(text: string, folders: readonly string[]): string {
  let out = text.replace(/file:\/\/(?=\/)/g, '');
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    const root = folder.replace(/(?<![\\/])[\\/]+$/, '');
    if (root.length > 1) {
      out = out.split(`${root}/`).join('').split(`${root}\\`).join('').split(root).join('.');
    }
  }
  out = out.replace(/(^|[\s"'`(<[=,:])(?:[A-Za-z]:)?(?:\\[\w .@+~$-]+){2,}/gm, (path, before: string) => {
    return `${before}…/${path.slice(path.lastIndexOf('\\') + 1)}`;
  });
  return out.replace(/(^|[\s"'`(<[=,:])(?:[A-Za-z]:)?(?:\/[\w.@+~$%-]+){2,}/gm, (path, before: string) => {
    return `${before}…/${path.slice(path.lastIndexOf('/') + 1)}`;
  });
}
