/** The fill-in-the-middle words of a model that only its name is known of. */
import { type FimFamily, fimFamilies } from '../../model/tokenizer/fim-families';

/** Names as servers give them (`qwen2.5-coder:1.5b-base`, `Qwen/Qwen2.5-Coder-7B`), and the middle token of the family. */
const NAMES: readonly { name: RegExp; middle: string }[] = [
  { name: /qwen.{0,12}coder/i, middle: '<|fim_middle|>' },
  { name: /codegemma/i, middle: '<|fim_middle|>' },
  { name: /santacoder/i, middle: '<fim-middle>' },
  { name: /star.?coder|granite.{0,12}code|refact|stable.?code|octocoder/i, middle: '<fim_middle>' },
  { name: /deepseek.{0,4}coder/i, middle: '<｜fim▁end｜>' },
  { name: /seed.?coder/i, middle: '<[fim-middle]>' },
  { name: /code.?llama/i, middle: '<MID>' },
  { name: /codestral|devstral/i, middle: '[PREFIX]' },
];

/** Null for models that are not known to fill in the middle: what stands before the cursor is all that they are told. */
export function familyOf(model: string): FimFamily | null {
  const known = NAMES.find(({ name }) => name.test(model));
  return (known && fimFamilies.find(({ middle }) => middle === known.middle)) ?? null;
}
