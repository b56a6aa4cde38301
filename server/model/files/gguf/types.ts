/** The types of tensors in GGUF files: how many values a block holds, and in how many bytes. */

export type GgmlType =
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'F64'
  | 'I8'
  | 'I16'
  | 'I32'
  | 'I64'
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K'
  | 'IQ1_S'
  | 'IQ1_M'
  | 'IQ2_XXS'
  | 'IQ2_XS'
  | 'IQ2_S'
  | 'IQ3_XXS'
  | 'IQ3_S'
  | 'IQ4_NL'
  | 'IQ4_XS'
  | 'TQ1_0'
  | 'TQ2_0'
  | 'MXFP4'
  | 'NVFP4';

export interface TypeLayout {
  name: GgmlType;
  /** Values in a block. */
  values: number;
  /** Bytes of a block. */
  bytes: number;
}

const layout = (name: GgmlType, values: number, bytes: number): TypeLayout => ({ name, values, bytes });

/** By the number that stands in the file; numbers that are missing were given up by the format. */
export const typeLayouts: ReadonlyMap<number, TypeLayout> = new Map([
  [0, layout('F32', 1, 4)],
  [1, layout('F16', 1, 2)],
  [2, layout('Q4_0', 32, 18)],
  [3, layout('Q4_1', 32, 20)],
  [6, layout('Q5_0', 32, 22)],
  [7, layout('Q5_1', 32, 24)],
  [8, layout('Q8_0', 32, 34)],
  [10, layout('Q2_K', 256, 84)],
  [11, layout('Q3_K', 256, 110)],
  [12, layout('Q4_K', 256, 144)],
  [13, layout('Q5_K', 256, 176)],
  [14, layout('Q6_K', 256, 210)],
  [16, layout('IQ2_XXS', 256, 66)],
  [17, layout('IQ2_XS', 256, 74)],
  [18, layout('IQ3_XXS', 256, 98)],
  [19, layout('IQ1_S', 256, 50)],
  [20, layout('IQ4_NL', 32, 18)],
  [21, layout('IQ3_S', 256, 110)],
  [22, layout('IQ2_S', 256, 82)],
  [23, layout('IQ4_XS', 256, 136)],
  [24, layout('I8', 1, 1)],
  [25, layout('I16', 1, 2)],
  [26, layout('I32', 1, 4)],
  [27, layout('I64', 1, 8)],
  [28, layout('F64', 1, 8)],
  [29, layout('IQ1_M', 256, 56)],
  [30, layout('BF16', 1, 2)],
  [34, layout('TQ1_0', 256, 54)],
  [35, layout('TQ2_0', 256, 66)],
  [39, layout('MXFP4', 32, 17)],
  [40, layout('NVFP4', 64, 36)],
]);

const byName = new Map([...typeLayouts.values()].map((l) => [l.name, l]));

export const layoutOf = (type: GgmlType): TypeLayout => byName.get(type)!;
