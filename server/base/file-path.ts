import { fileURLToPath } from 'node:url';

/** The file of a `file:` URI; null for other schemes and for URIs that are none. */
export function filePath(uri: string): string | null {
  if (!uri.startsWith('file:')) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}
