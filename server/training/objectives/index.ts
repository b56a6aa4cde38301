/**
 * The objectives of the product; to add one, write its record and list it here. Which of the terms a, b, c carry a signal
 * is decided by these records and nowhere else. Those that exist for comparisons only are listed with the benchmark.
 */
import type { Objective } from '../types';
import { byDefault } from './default';

export const OBJECTIVES: readonly Objective[] = [byDefault];

/** @throws Error naming the objectives there are */
export function objectiveNamed<T extends Objective = Objective>(
  name: string,
  among: readonly T[] = OBJECTIVES as readonly T[],
): T {
  const found = among.find((one) => one.name === name);
  if (found) return found;
  const names = among.map((one) => one.name).join(', ');
  throw new Error(`There is no objective "${name}". Choose from: ${names}.`);
}
