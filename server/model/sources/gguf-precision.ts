/** What a GGUF file's weights are stored in, by the name that people know. */
import type { GgufFile } from '../files/gguf/header';

/** `general.file_type`; numbers that are missing were given up. */
const fileTypes: Readonly<Record<number, string>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  7: 'Q8_0',
  8: 'Q5_0',
  9: 'Q5_1',
  10: 'Q2_K',
  11: 'Q3_K_S',
  12: 'Q3_K_M',
  13: 'Q3_K_L',
  14: 'Q4_K_S',
  15: 'Q4_K_M',
  16: 'Q5_K_S',
  17: 'Q5_K_M',
  18: 'Q6_K',
  19: 'IQ2_XXS',
  20: 'IQ2_XS',
  21: 'Q2_K_S',
  22: 'IQ3_XS',
  23: 'IQ3_XXS',
  24: 'IQ1_S',
  25: 'IQ4_NL',
  26: 'IQ3_S',
  27: 'IQ3_M',
  28: 'IQ2_S',
  29: 'IQ2_M',
  30: 'IQ4_XS',
  31: 'IQ1_M',
  32: 'BF16',
  36: 'TQ1_0',
  37: 'TQ2_0',
  38: 'MXFP4',
};

/** As the header says, else the type that most of the bytes are of; null of a file without tensors. */
export function ggufPrecision({ metadata, tensors }: GgufFile): string | null {
  const stated = metadata.get('general.file_type');
  if (typeof stated === 'number' && fileTypes[stated]) return fileTypes[stated];
  return mostBytes([...tensors.values()]);
}

/** The type that most of the bytes are of. */
export function mostBytes(tensors: readonly { type: string; length: number }[]): string | null {
  const bytes = new Map<string, number>();
  for (const { type, length } of tensors) bytes.set(type, (bytes.get(type) ?? 0) + length);
  let most: [string, number] | undefined;
  for (const entry of bytes) if (!most || entry[1] > most[1]) most = entry;
  return most?.[0] ?? null;
}
