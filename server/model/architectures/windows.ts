/** Which layers see only the last tokens. */
import type { ModelError } from '../errors';
import type { Json, Windows } from './architecture';

type Bad = (what: string) => ModelError;

export const noWindows = (_config: Json, layers: number): Windows => Array(layers).fill(null);

/** Every layer sees `sliding_window` tokens. @param standard where config.json does not say */
export const windowsEverywhere =
  (standard: number | null) =>
  (config: Json, layers: number, bad: Bad): Windows =>
    Array(layers).fill(windowSize(config, standard, bad));

/** Where `use_sliding_window` says so: the layers that `layer_types` names, else those from `max_window_layers` on. */
export function qwenWindows(config: Json, layers: number, bad: Bad): Windows {
  const size = config.use_sliding_window === true ? windowSize(config, 4096, bad) : null;
  if (size === null) return noWindows(config, layers);
  const types = config.layer_types;
  if (Array.isArray(types)) {
    if (types.length !== layers) throw bad(`layer_types names ${types.length} of ${layers} layers`);
    return types.map((type) => (type === 'sliding_attention' ? size : null));
  }
  const first = (config.max_window_layers as number | undefined) ?? 28;
  return Array.from({ length: layers }, (_, i) => (i >= first ? size : null));
}

function windowSize(config: Json, standard: number | null, bad: Bad): number | null {
  const size = config.sliding_window === undefined ? standard : config.sliding_window;
  if (size !== null && (!Number.isSafeInteger(size) || (size as number) < 1)) {
    throw bad(`sliding_window is ${JSON.stringify(size)}`);
  }
  return size as number | null;
}
