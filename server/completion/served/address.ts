/** Where a model is served: an address that a developer typed, and the routes behind it. */

/** A server that cannot be used, in one sentence for the developer. */
export class ServedError extends Error {
  override name = 'ServedError';
}

export interface ServedAddress {
  /** As it was typed: `http://localhost:8080`, with or without `/v1`. */
  url: string;
  /** One of the server's models; '' for its first. */
  model: string;
  /** Sent as a bearer token; null for none. */
  key: string | null;
}

/**
 * The address without `/v1` and slashes at its end.
 * @throws ServedError where it is none, or holds a password
 */
export function baseOf(url: string): URL {
  let parsed: URL;
  try {
    parsed = new URL(url.trim());
  } catch {
    throw new ServedError(`“${url}” is no address of a server: write it like http://localhost:8080.`);
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')
    throw new ServedError(`“${url}” is no address of a server: it begins with http:// or https://.`);
  if (parsed.username || parsed.password)
    throw new ServedError(
      `The address of ${parsed.host} holds a password: leave it out, “Hindsight: Use a Model Server” asks for the key.`,
    );
  parsed.search = '';
  parsed.hash = '';
  let path = parsed.pathname;
  while (path.endsWith('/')) path = path.slice(0, -1);
  parsed.pathname = path.endsWith('/v1') ? path.slice(0, -'/v1'.length) : path;
  return parsed;
}

/** @param route from the base on, without a slash at its beginning */
export function routeOf(base: URL, route: string): string {
  return `${base.origin}${base.pathname === '/' ? '' : base.pathname}/${route}`;
}

/** True where what is sent stays on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
