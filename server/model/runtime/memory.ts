/** What a model needs of this machine's memory, and what to do where it is short. */
import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import type { ModelConfig } from '../architectures/config';
import { ModelError } from '../errors';
import type { ModelParts } from './sessions';

/** Memory of this machine, or of the container that this runs in, in bytes. */
export function machineMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY);
}

/** Memory that a new process can have without others being pushed out: what only caches files counts as free. */
export function availableMemory(): number {
  const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  try {
    const [, kilobytes] = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))!;
    return Math.min(1024 * Number(kilobytes), limit);
  } catch {
    // Elsewhere the system's own figure leaves out what can be freed.
    return Math.min(Math.max(freemem(), 0.5 * totalmem()), limit);
  }
}

/**
 * Bytes that one training run over `rows` rows padded to `time` tokens needs beside the weights: activations that the
 * backward pass reads, the gradients in flight, and `scored` positions' logits. An estimate from the graph's shapes,
 * held against measurements (docs/performance.md).
 */
export function trainingBytes(
  c: ModelConfig,
  run: { rows: number; time: number; scored: number; recompute: boolean },
): number {
  const tokens = run.rows * run.time;
  const wide = c.heads * c.headDim;
  const narrow = c.keyValueHeads * c.headDim;
  const mlp = (c.architecture.gate ? 5 : 4) * c.intermediateSize;
  const layer = tokens * (8 * c.hiddenSize + 4 * wide + 6 * narrow + mlp);
  // The runs of causal attention keep five eighths of the weights between positions.
  const attention = 0.625 * run.rows * c.heads * run.time ** 2;
  const kept = run.recompute ? c.layers * tokens * c.hiddenSize : c.layers * (layer + attention);
  const passing = 2 * layer + 3 * attention;
  const logits = 6 * run.scored * c.vocabularySize;
  return 4 * (kept + passing + logits);
}

/** Of the memory that is there, what one training run may take. */
export const trainingShare = 0.6;

/**
 * Whether a training run fits, and whether its activations must be computed again for that.
 *
 * @throws ModelError with what it would need where it does not fit either way
 */
export function planTraining(
  parts: ModelParts,
  run: { rows: number; time: number; scored: number },
  available = availableMemory(),
): { recompute: boolean } {
  const room = trainingShare * available;
  if (!parts.recompute && trainingBytes(parts.config, { ...run, recompute: false }) <= room)
    return { recompute: false };
  const needed = trainingBytes(parts.config, { ...run, recompute: true });
  if (needed <= room) return { recompute: true };
  throw new ModelError(
    `Training on ${run.time} tokens at once needs ${gigabytes(needed)} GB of memory beside the weights, ` +
      `and ${gigabytes(room)} GB can be had: close other programs, or choose a smaller model or shorter context.`,
  );
}

/** @throws ModelError where the weights alone would push everything else out of memory */
export function checkWeights(folder: string, bytes: number, memory = machineMemory()): void {
  if (bytes < 0.8 * memory) return;
  throw new ModelError(
    `${folder} needs ${gigabytes(bytes)} GB of memory for its weights, and this machine has ${gigabytes(memory)} GB: choose a smaller model.`,
  );
}

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
