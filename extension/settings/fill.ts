/**
 * A copy of `defaults` with every leaf asked for by its dotted key. A value of another type than the default's, as a
 * hand-edited settings.json may hold, is passed over.
 */
export function fill<T extends object>(
  defaults: T,
  prefix: string,
  get: (key: string, fallback: unknown) => unknown,
): T {
  const entries = Object.entries(defaults).map(([name, fallback]) => {
    const key = prefix + name;
    if (typeof fallback === 'object' && fallback !== null && !Array.isArray(fallback))
      return [name, fill(fallback, `${key}.`, get)];
    const value = get(key, fallback);
    const same = typeof value === typeof fallback && Array.isArray(value) === Array.isArray(fallback);
    return [name, same && value !== null ? value : fallback];
  });
  return Object.fromEntries(entries) as T;
}
